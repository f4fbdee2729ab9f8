import { readFileSync } from 'node:fs';
import { dirname, join, posix, relative, resolve } from 'node:path';
import { globSync } from 'tinyglobby';

export const root = resolve(import.meta.dirname, '../..');

export interface SourceFile {
  /** The folder name of the package. */
  readonly owner: string;
  /** Relative to the repository's root. */
  readonly path: string;
  /** The folder below the package's `src`; `src` for a file directly in it. */
  readonly room: string;
  readonly text: string;
  /** The specifiers of all imports, types included. */
  readonly imports: readonly string[];
  /** The paths of the relative imports, relative to the repository's root. */
  readonly neighbours: readonly string[];
}

/** With any quotes, and whatever comments stand before the specifier. */
const IMPORT = /\b(?:from|import)(?:\s|\(|\/\*[\s\S]*?\*\/|\/\/.*\n)*(['"`])([^'"`\n]+)\1/g;

/** The specifiers of all imports of a source text, types and dynamic ones included. */
export function importsOf(text: string): readonly string[] {
  return [...text.matchAll(IMPORT)].map(([, , specifier]) => specifier ?? '');
}

/** Reads every source file of every package, with its imports. */
export function readSources(): readonly SourceFile[] {
  return globSync('packages/*/src/**/*.{ts,mts,cts,tsx,js,mjs,cjs}', { cwd: root }).map((path) => {
    const text = readFileSync(resolve(root, path), 'utf8');
    const imports = importsOf(text);
    const [, owner = ''] = path.split('/');
    const folder = relative(join('packages', owner, 'src'), dirname(path));
    return {
      owner,
      path,
      room: folder === '' ? 'src' : folder,
      text,
      imports,
      neighbours: imports
        .filter((specifier) => specifier.startsWith('.'))
        .map((specifier) => posix.join(posix.dirname(path), specifier)),
    };
  });
}

/** Finds the circles of imports: each as its files in order, sorted for a stable report. */
export function importCycles(files: readonly Pick<SourceFile, 'path' | 'neighbours'>[]): readonly string[] {
  const neighbours = new Map(files.map((file) => [file.path, file.neighbours]));
  const finished = new Set<string>();
  const trail: string[] = [];
  const cycles: string[] = [];
  const visit = (path: string): void => {
    const start = trail.indexOf(path);
    if (start >= 0) cycles.push([...trail.slice(start), path].join(' -> '));
    if (start >= 0 || finished.has(path)) return;
    trail.push(path);
    for (const neighbour of neighbours.get(path) ?? []) visit(neighbour);
    trail.pop();
    finished.add(path);
  };
  for (const { path } of files) visit(path);
  return cycles.sort();
}
