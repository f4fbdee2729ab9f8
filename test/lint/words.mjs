// Fails when a file contains a word that `words.txt` lists; each is listed with a better one.
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';

const SKIPPED_FOLDERS = new Set(['.git', 'node_modules', 'dist', 'artifacts', 'coverage']);
const BINARY_FILES = /\.(png|jpe?g|gif|ico|pdf|woff2?|tgz|gz|zip|wasm|node|tsbuildinfo)$/;

/** A hyphen, or blanks with what begins a line of a comment or a quotation; emphasis around either word. */
const BETWEEN_WORDS = '(?:-|[*_]*\\s+(?:(?:\\*|//|#|>)\\s+)*[*_]*)';

/** @returns {{ pattern: RegExp, word: string, better: string }[]} */
export function readWords(text) {
  return text
    .split('\n')
    .filter(Boolean)
    .map((line) => {
      const [word = '', better = ''] = line.split(' = ');
      return {
        word,
        better,
        pattern: new RegExp(`(?<![a-z0-9])${word.replaceAll(' ', BETWEEN_WORDS)}(?![a-z0-9])`, 'gi'),
      };
    });
}

/** @returns {{ line: number, word: string, better: string }[]} one entry per occurrence, also across a line break. */
export function findWords(text, words) {
  return words.flatMap(({ word, better, pattern }) =>
    [...text.matchAll(pattern)].map(({ index }) => ({ line: text.slice(0, index).split('\n').length, word, better })),
  );
}

function* filesBelow(folder) {
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory() && !SKIPPED_FOLDERS.has(entry.name)) yield* filesBelow(path);
    if (entry.isFile() && !BINARY_FILES.test(path)) yield path;
  }
}

if (process.argv[1] === import.meta.filename) {
  const root = resolve(import.meta.dirname, '../..');
  const words = readWords(readFileSync(join(import.meta.dirname, 'words.txt'), 'utf8'));
  const found = [...filesBelow(root)]
    .map((path) => relative(root, path))
    .filter((path) => !/^(test\/lint\/words\.\w+(\.\w+)?|pnpm-lock\.yaml|LICENSE)$/.test(path))
    .flatMap((path) => findWords(readFileSync(join(root, path), 'utf8'), words).map((hit) => ({ path, ...hit })));
  for (const { path, line, word, better } of found)
    process.stderr.write(`${path}:${line}: "${word}": write ${better}\n`);
  if (found.length > 0) {
    process.stderr.write(`${found.length} words to replace; test/lint/words.txt lists them.\n`);
    process.exitCode = 1;
  }
}
