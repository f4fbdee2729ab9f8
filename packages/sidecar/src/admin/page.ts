import { hash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { readPageScript } from './page-script.ts';

/** The page at `/` of the admin port: one document that loads nothing and reads `/events`. */
export interface Page {
  readonly html: string;
  /** Allows only the page's own styles and scripts, and requests to its own origin. */
  readonly contentSecurityPolicy: string;
}

/**
 * Builds the page from the installed files.
 * @throws Error when one of them is missing.
 */
export function readPage(): Page {
  const own = (file: string) => readFileSync(new URL(`../../page/${file}`, import.meta.url), 'utf8');
  const styles = [readChartLibrary('uPlot.min.css'), compactStyle(own('dashboard.css'))];
  const scripts = [readChartLibrary('uPlot.iife.min.js'), `'use strict';{\n${readPageScript()}\n}`];
  const elements = (name: string, sources: readonly string[]) =>
    sources.map((source) => `<${name}>${source}</${name}>`).join('\n');
  return {
    // Functions, because a replacement string would interpret `$`.
    html: own('dashboard.html')
      .replaceAll(/^ +/gm, '')
      .replace('<!-- styles -->', () => elements('style', styles))
      .replace('<!-- scripts -->', () => elements('script', scripts)),
    contentSecurityPolicy: [
      "default-src 'none'",
      `style-src ${styles.map(sourceHash).join(' ')}`,
      `script-src ${scripts.map(sourceHash).join(' ')}`,
      "connect-src 'self'",
      'img-src data:',
      "base-uri 'none'",
      "form-action 'none'",
      "frame-ancestors 'none'",
      "require-trusted-types-for 'script'",
    ].join('; '),
  };
}

/** Leaves out comments and the space that the style sheet has for its readers. */
function compactStyle(css: string): string {
  return css
    .replaceAll(/\/\*.*?\*\//gs, '')
    .replaceAll(/\s*([{};,])\s*/g, '$1')
    .replaceAll(/;}/g, '}')
    .replaceAll(/^([a-z-]+|--[a-z-]+): /gm, '$1:')
    .replaceAll(/([;{](?:--)?[a-z-]+): /g, '$1:');
}

function readChartLibrary(file: string): string {
  return readFileSync(createRequire(import.meta.url).resolve(`uplot/dist/${file}`), 'utf8');
}

function sourceHash(source: string): string {
  return `'sha256-${hash('sha256', source, 'base64')}'`;
}
