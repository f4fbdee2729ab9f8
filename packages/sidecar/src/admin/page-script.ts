import { readFileSync } from 'node:fs';

/** Where the page's compiled modules are, whether this runs from `src` or from `dist`. */
const FOLDER = new URL('../../dist/page/', import.meta.url);
const IMPORT = /^import \{[^}]*\} from '\.\/([a-z-]+\.js)';$/gm;

/**
 * The page's script: its compiled modules as one, each after those it imports. They share one scope, so no two of
 * them may have the same name at their top level; only named imports and exports are understood.
 * @throws Error when a module has an import or export of another kind.
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
      .replace(/^export \{\};$/m, '');
    if (/^(?:import|export)\b/m.test(body))
      throw new Error(`${file} can not be inlined: it imports or exports something else than names`);
    parts.push(body.trim());
  };
  add(entry);
  return parts.join('\n');
}
