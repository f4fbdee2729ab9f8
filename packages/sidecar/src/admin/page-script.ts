import { readFileSync } from 'node:fs';

/** The folder of the page's compiled modules; the same from `src` and from `dist`. */
const FOLDER = new URL('../../dist/page/', import.meta.url);
const IMPORT = /^import \{[^}]*\} from '\.\/([a-z-]+\.js)';$/gm;

/**
 * Joins the page's compiled modules into one script, each after those it imports. They share one scope, so no two of
 * them may have the same name at their top level, and no text in them may span lines: indentation and needless line breaks are left out.
 * @throws Error when a module has anything but named imports and exports.
 */
export function readPageScript(
  entry = 'main.js',
  read: (file: string) => string = (file) => readFileSync(new URL(file, FOLDER), 'utf8'),
): string {
  const seen = new Set<string>();
  const parts: string[] = [];
  const add = (file: string) => {
    if (seen.has(file)) return;
    seen.add(file);
    const text = read(file);
    for (const [, imported = ''] of text.matchAll(IMPORT)) add(imported);
    const body = text
      .replaceAll(IMPORT, '')
      .replaceAll(/^export (?=(?:async )?function |const )/gm, '')
      .replace(/^export \{\};$/m, '')
      .replaceAll(/^ +/gm, '')
      .replaceAll(/(?<=[{;,(])\n+/g, '');
    if (/^(?:import|export)\b/m.test(body))
      throw new Error(`${file} cannot be inlined: only named imports and exports are supported`);
    parts.push(body.trim());
  };
  add(entry);
  return parts.join('\n');
}
