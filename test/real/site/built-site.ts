import { readFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import { globSync } from 'tinyglobby';
import { type LoopbackServer, startLoopbackServer } from '../fixture/loopback-server.ts';

/** The repository. */
export const root = fileURLToPath(new URL('../../..', import.meta.url));

/** One page as it was built: where its links lead, and what can be linked in it. */
export interface BuiltPage {
  /** Below the site, such as `docs/plan.html`. */
  readonly path: string;
  readonly links: readonly string[];
  readonly anchors: ReadonlySet<string>;
  /** The links of the sidebar. */
  readonly sidebar: readonly string[];
  /** What the page loads. */
  readonly resources: readonly string[];
}

/** Reads every page of a built site. */
export function readBuiltSite(folder: string): ReadonlyMap<string, BuiltPage> {
  return new Map(
    globSync('**/*.html', { cwd: folder })
      .sort()
      .map((path) => [path, readPage(path, readFileSync(join(folder, path), 'utf8'))]),
  );
}

function readPage(path: string, html: string): BuiltPage {
  const sidebar = /<aside class="VPSidebar[\s\S]*?<\/aside>/.exec(html)?.[0] ?? '';
  return {
    path,
    links: hrefsIn(html),
    anchors: new Set([...html.matchAll(/\sid="([^"]+)"/g)].map(([, id = '']) => decodeHtml(id))),
    sidebar: hrefsIn(sidebar),
    resources: [...html.matchAll(/<(?:script|img|link|source|iframe)\b[^>]*?\s(?:src|href)="([^"]+)"/g)].map(
      ([, url = '']) => decodeHtml(url),
    ),
  };
}

function hrefsIn(html: string): readonly string[] {
  return [...html.matchAll(/<a\b[^>]*?\shref="([^"]*)"/g)].map(([, href = '']) => decodeHtml(href));
}

function decodeHtml(text: string): string {
  return text.replaceAll('&quot;', '"').replaceAll('&#39;', "'").replaceAll('&lt;', '<').replaceAll('&amp;', '&');
}

/** The page and the anchor that a link of a page leads to; `undefined` for one that leaves the site. */
export function targetOf(page: string, href: string, base: string): { path: string; anchor: string } | undefined {
  if (/^[a-z]+:/i.test(href)) return undefined;
  const [where = '', anchor = ''] = href.split('#');
  const absolute =
    where === '' ? page : where.startsWith('/') ? where.slice(base.length) : within(dirname(page), where);
  const path = absolute === '' || absolute.endsWith('/') ? `${absolute}index.html` : absolute;
  return { path: /\.\w+$/.test(path) ? path : `${path}.html`, anchor: decodeURIComponent(anchor) };
}

function within(folder: string, path: string): string {
  return posix.join(folder, path).replace(/^\.\//, '');
}

const TYPES: Readonly<Record<string, string>> = {
  html: 'text/html',
  js: 'text/javascript',
  css: 'text/css',
  svg: 'image/svg+xml',
  png: 'image/png',
  json: 'application/json',
};

/** Serves a built site, as any web server would. */
export function serveSite(folder: string): Promise<LoopbackServer> {
  return startLoopbackServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', 'http://site.test');
    const path = pathname.endsWith('/') ? `${pathname}index.html` : pathname;
    const file = join(folder, decodeURIComponent(path));
    try {
      const body = readFileSync(file);
      response.writeHead(200, { 'content-type': TYPES[file.split('.').at(-1) ?? ''] ?? 'application/octet-stream' });
      response.end(body);
    } catch {
      response.writeHead(404).end();
    }
  });
}
