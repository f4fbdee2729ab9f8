import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { promisify } from 'node:util';
import { publint } from 'publint';
import { globSync } from 'tinyglobby';
import { describe, expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '..');

interface Manifest {
  readonly name: string;
  readonly exports: Readonly<Record<string, string | { readonly types: string; readonly default: string }>>;
}

/** Lists every entry point with its exported names, types included, from its declaration file. */
function entryPoints(): [specifier: string, names: string[], runtime: string][] {
  return globSync('packages/*/package.json', { cwd: root })
    .sort()
    .flatMap((path) => {
      const manifest: Manifest = JSON.parse(readFileSync(resolve(root, path), 'utf8'));
      return Object.entries(manifest.exports).flatMap(([subpath, entry]) => {
        if (typeof entry === 'string') return [];
        const folder = resolve(root, dirname(path));
        const declarations = readFileSync(resolve(folder, entry.types), 'utf8');
        return [
          [manifest.name + subpath.slice(1), exportedNames(declarations), resolve(folder, entry.default)] satisfies [
            string,
            string[],
            string,
          ],
        ];
      });
    });
}

function exportedNames(declarations: string): string[] {
  const names = new Set<string>();
  for (const [, typeOnly, list] of declarations.matchAll(/^export (type )?\{([^}]*)\}/gm)) {
    for (const item of (list ?? '')
      .split(',')
      .map((part) => part.trim())
      .filter(Boolean)) {
      const name = item.replace(/^.* as /, '');
      names.add(typeOnly ? `type ${name}` : name);
    }
  }
  for (const [, kind, name] of declarations.matchAll(
    /^export (?:declare )?(const|function|class|interface|type) (\w+)/gm,
  )) {
    names.add(kind === 'interface' || kind === 'type' ? `type ${name}` : (name ?? ''));
  }
  return [...names].sort();
}

/** Imports the build in a separate Node process: this one resolves siblings to sources (condition `@crossfade/source`). */
async function exportedByBuild(runtime: string): Promise<string[]> {
  const script = 'process.stdout.write(JSON.stringify(Object.keys(await import(process.argv[1])).sort()))';
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script, runtime]);
  return JSON.parse(stdout);
}

describe('the public API', () => {
  it('matches the snapshot: a change of it is a decision, and belongs in a changeset', async () => {
    const text = entryPoints()
      .map(([specifier, names]) => `${specifier}\n${names.map((name) => `  ${name}\n`).join('')}`)
      .join('\n');
    await expect(text).toMatchFileSnapshot('./public-api.txt');
  });

  it.each(entryPoints().map(([specifier, names, runtime]) => ({ specifier, names, runtime })))(
    'loads $specifier with exactly the values that its declarations list',
    async ({ names, runtime }) => {
      const values = names.filter((name) => !name.startsWith('type '));
      expect(await exportedByBuild(runtime)).toEqual(values);
    },
  );

  it.each(globSync('packages/*/package.json', { cwd: root }))('of %s passes publint in strict mode', async (path) => {
    const { messages } = await publint({ pkgDir: resolve(root, dirname(path)), strict: true, pack: false });
    expect(messages).toEqual([]);
  });
});
