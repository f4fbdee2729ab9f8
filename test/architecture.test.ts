import { readFileSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { globSync } from 'tinyglobby';
import { describe, expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '..');

/** The house: every arrow there is. A package that is not listed may look at no other. */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  core: [],
  validator: ['core'],
  selector: ['core'],
  flags: ['core'],
  'appconfig-emulator': [],
  client: ['core', 'selector'],
  sidecar: ['core', 'flags', 'validator'],
  cli: ['core', 'flags', 'validator'],
  lab: ['appconfig-emulator', 'cli', 'client', 'core', 'flags', 'selector', 'sidecar', 'validator'],
};
const PURE = ['core', 'selector'];
const IMPURE = /\b(Date\.now|new Date\(\)|Math\.random|setTimeout|process\.)/;
const PROGRAM_FILES = /^(main|config)\.ts$/;
const EMPTY_NAMES = /^(utils?|helpers?|common|misc|types|constants|shared|manager|service)\.ts$/;

interface SourceFile {
  readonly owner: string;
  readonly path: string;
  readonly text: string;
  readonly imports: readonly string[];
}

const sources: SourceFile[] = globSync('packages/*/src/**/*.ts', { cwd: root }).map((path) => {
  const text = readFileSync(resolve(root, path), 'utf8');
  const imports = [...text.matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)].map(([, specifier]) => specifier ?? '');
  return { owner: path.split('/')[1] ?? '', path, text, imports };
});

function withoutComments(text: string): string {
  return text.replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*/g, '');
}

function manifest(name: string): { dependencies?: Record<string, string> } {
  return JSON.parse(readFileSync(resolve(root, 'packages', name, 'package.json'), 'utf8'));
}

function offenders(isOffence: (file: SourceFile) => boolean): string[] {
  return sources.filter(isOffence).map(({ path }) => path);
}

describe('the house', () => {
  it('has exactly the packages it says, and reads their source', () => {
    expect([...new Set(sources.map(({ owner }) => owner))].sort()).toEqual(Object.keys(ALLOWED).sort());
    expect(sources.length).toBeGreaterThan(60);
  });

  it.each(Object.entries(ALLOWED))('lets %s declare %j of its siblings, and no others', (name, allowed) => {
    const declared = Object.keys(manifest(name).dependencies ?? {}).filter((dependency) =>
      dependency.startsWith('@crossfade/'),
    );
    expect(declared.sort()).toEqual(allowed.map((sibling) => `@crossfade/${sibling}`));
  });

  it('imports a sibling by its name, and only a declared one', () => {
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

  it('keeps core and selector pure: no Node, no clock, no randomness, no timers', () => {
    const impure = ({ owner, imports, text }: SourceFile) =>
      PURE.includes(owner) &&
      (imports.some((specifier) => specifier.startsWith('node:')) || IMPURE.test(withoutComments(text)));
    expect(offenders(impure)).toEqual([]);
  });

  it('touches the environment and the exit code only in programs', () => {
    const reaches = ({ path, text }: SourceFile) =>
      !PROGRAM_FILES.test(basename(path)) && /\bprocess\.(env|exit|exitCode)\b/.test(withoutComments(text));
    expect(offenders(reaches)).toEqual([]);
  });

  it('has no file that says nothing by its name, and none that outgrew a reading', () => {
    expect(offenders(({ path }) => EMPTY_NAMES.test(basename(path)))).toEqual([]);
    expect(offenders(({ text }) => text.split('\n').length > 251)).toEqual([]);
  });

  it('exports by name', () => {
    expect(offenders(({ text }) => /^export (default|\*)/m.test(text))).toEqual([]);
  });
});
