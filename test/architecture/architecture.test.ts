import { readFileSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import { parsePlan } from '@crossfade/core';
import { describe, expect, it } from 'vitest';
import { importCycles, importsOf, readSources, root, type SourceFile } from './import-graph.ts';
import { ROOMS } from './rooms.ts';

/** Every arrow between packages. A package imports only the siblings listed for it. */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  core: [],
  validator: ['core'],
  selector: ['core'],
  flags: ['core'],
  'appconfig-emulator': [],
  client: ['core', 'selector'],
  sidecar: ['core', 'flags', 'validator'],
  cli: ['core', 'flags', 'selector', 'validator'],
  lab: ['appconfig-emulator', 'cli', 'client', 'core', 'flags', 'selector', 'sidecar', 'validator'],
};
const PURE = ['core', 'selector'];
const IMPURE = /\b(Date\.now|new Date\(\)|Math\.random|setTimeout|process\.)/;
const PROGRAM_FILES = /^(main|config)\.ts$/;
const VAGUE_NAMES = /^(utils?|helpers?|common|misc|types|constants|shared|manager|service)\.ts$/;

const sources = readSources();

function withoutComments(text: string): string {
  return text.replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*/g, '');
}

function manifest(name: string): { dependencies?: Record<string, string> } {
  return JSON.parse(readFileSync(resolve(root, 'packages', name, 'package.json'), 'utf8'));
}

function offenders(isOffence: (file: SourceFile) => boolean): string[] {
  return sources.filter(isOffence).map(({ path }) => path);
}

describe('the packages', () => {
  it('are exactly those of the table, and have sources to check', () => {
    expect([...new Set(sources.map(({ owner }) => owner))].sort()).toEqual(Object.keys(ALLOWED).sort());
    expect(sources.length).toBeGreaterThan(60);
  });

  it.each(Object.entries(ALLOWED))('of the table: %s declares %j of its siblings, and no others', (name, allowed) => {
    const declared = Object.keys(manifest(name).dependencies ?? {}).filter((dependency) =>
      dependency.startsWith('@crossfade/'),
    );
    expect(declared.sort()).toEqual(allowed.map((sibling) => `@crossfade/${sibling}`));
  });

  it('import a sibling by its name, and only a declared one', () => {
    const foreign = ({ owner, imports }: SourceFile) =>
      imports.some((specifier) => {
        const sibling = /^@crossfade\/([^/]+)/.exec(specifier)?.[1];
        return (
          specifier.includes('/packages/') ||
          specifier.includes('../src') ||
          (sibling !== undefined && !ALLOWED[owner]?.includes(sibling))
        );
      });
    expect(offenders(foreign)).toEqual([]);
  });

  it('include two pure ones: core and selector use no Node, no clock, no randomness, no timers', () => {
    const impure = ({ owner, imports, text }: SourceFile) =>
      PURE.includes(owner) &&
      (imports.some((specifier) => specifier.startsWith('node:')) || IMPURE.test(withoutComments(text)));
    expect(offenders(impure)).toEqual([]);
  });

  it('read the environment and set the exit code only in programs', () => {
    const usesProcess = ({ path, text }: SourceFile) =>
      !PROGRAM_FILES.test(basename(path)) && /\bprocess\.(env|exit|exitCode)\b/.test(withoutComments(text));
    expect(offenders(usesProcess)).toEqual([]);
  });

  it('have no file with a vague name, and none over 250 lines', () => {
    expect(offenders(({ path }) => VAGUE_NAMES.test(basename(path)))).toEqual([]);
    expect(offenders(({ text }) => text.split('\n').length > 251)).toEqual([]);
  });

  it('are tested by their sources: an error of core comes from src, whatever was built before', () => {
    const stack = (() => {
      try {
        return parsePlan({});
      } catch (error) {
        return (error as Error).stack;
      }
    })();
    expect(stack).toContain('packages/core/src/plan/plan-schema.ts');
    expect(stack).not.toContain('packages/core/dist/');
  });

  it('export by name', () => {
    expect(offenders(({ text }) => /^export (default|\*)/m.test(text))).toEqual([]);
  });
});

const MAX_FILES_PER_FOLDER = 25;

describe('the rooms of each package', () => {
  it('are listed for every package', () => {
    expect(Object.keys(ROOMS).sort()).toEqual(Object.keys(ALLOWED).sort());
  });

  it.each(Object.entries(ROOMS))(
    'of %s are listed ground first, so that every allowed arrow points down',
    (_, rooms) => {
      const names = Object.keys(rooms);
      const upward = Object.entries(rooms).flatMap(([room, list]) =>
        list.split(' ').filter((below) => below !== '' && !names.slice(0, names.indexOf(room)).includes(below)),
      );
      expect(upward).toEqual([]);
    },
  );

  it.each(Object.entries(ROOMS))('of %s have the arrows of its table, and no others', (owner, rooms) => {
    const allowed = Object.entries(rooms).flatMap(([room, list]) =>
      list.split(' ').flatMap((below) => (below === '' ? [] : [`${room} -> ${below}`])),
    );
    const arrows = new Map<string, string>();
    for (const { path, room, neighbours } of sources.filter((file) => file.owner === owner)) {
      for (const neighbour of neighbours) {
        const other = sources.find((file) => file.path === neighbour)?.room ?? `${neighbour}, which does not exist`;
        if (other !== room) arrows.set(`${room} -> ${other}`, `${path} imports ${neighbour}`);
      }
    }
    const forbidden = [...arrows].filter(([arrow]) => !allowed.includes(arrow));
    expect(forbidden.map(([arrow, example]) => `${arrow}: ${example}`)).toEqual([]);
    expect(allowed.filter((arrow) => !arrows.has(arrow))).toEqual([]);
    expect([...new Set(sources.filter((file) => file.owner === owner).map(({ room }) => room))].sort()).toEqual(
      Object.keys(rooms).sort(),
    );
  });

  it('hold no circle of files, types included', () => {
    expect(importCycles(sources)).toEqual([]);
  });

  it('hold at most 25 files each', () => {
    const counts = new Map<string, number>();
    for (const { path } of sources) counts.set(dirname(path), (counts.get(dirname(path)) ?? 0) + 1);
    expect([...counts].filter(([, count]) => count > MAX_FILES_PER_FOLDER)).toEqual([]);
  });
});

describe('the search for circles', () => {
  it('finds a circle through three files, and none in a diamond', () => {
    const files = (edges: Record<string, string[]>) =>
      Object.entries(edges).map(([path, neighbours]) => ({ path, neighbours }));
    expect(importCycles(files({ a: ['b'], b: ['c'], c: ['a'] }))).toEqual(['a -> b -> c -> a']);
    expect(importCycles(files({ a: ['b', 'c'], b: ['d'], c: ['d'], d: [] }))).toEqual([]);
  });
});

describe('the search for imports', () => {
  it.each([
    "import { a } from './a.ts';",
    "import type { A } from './a.ts';",
    "import './a.ts';",
    "export { a } from './a.ts';",
    "type A = import('./a.ts').A;",
    "await import('./a.ts');",
    'await import("./a.ts");',
    'await import(`./a.ts`);',
    "await import(/* chunk */ './a.ts');",
    "await import(\n  // later\n  './a.ts'\n);",
  ])('finds the one in %j', (text) => {
    expect(importsOf(text)).toEqual(['./a.ts']);
  });
});
