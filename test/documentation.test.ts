import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { AUDIENCE_CLASSES, DRAIN_CHECKS, PHASES, REJECTION_REASONS } from '@crossfade/core';
import { parsePlanText } from '@crossfade/core/plan-file';
import { globSync } from 'tinyglobby';
import { describe, expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '..');
const pages = globSync(
  ['README.md', 'packages/*/README.md', 'runbooks/**/*.md', 'deploy/**/*.md', 'test/**/*.md', 'load/**/*.md'],
  { cwd: root, ignore: '**/node_modules/**' },
);

function read(path: string): string {
  return readFileSync(resolve(root, path), 'utf8');
}

function blocks(path: string, language: string): string[] {
  return [...read(path).matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, 'gm'))].map(
    ([, code]) => code ?? '',
  );
}

describe('the documentation', () => {
  it('has a page for the whole, and one for every package', () => {
    const packages = globSync('packages/*/package.json', { cwd: root }).map((path) => `${dirname(path)}/README.md`);
    expect(pages).toEqual(expect.arrayContaining(['README.md', ...packages]));
  });

  it('links to nothing that is not there', () => {
    const broken = pages.flatMap((page) =>
      [...read(page).matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)/g)]
        .map(([, target]) => resolve(root, dirname(page), target ?? ''))
        .filter((target) => !existsSync(target))
        .map((target) => `${page} -> ${relative(root, target)}`),
    );
    expect(broken).toEqual([]);
  });

  it('explains every rejection reason, audience class, phase and drain check', () => {
    const validator = read('packages/validator/README.md');
    expect(REJECTION_REASONS.filter((reason) => !validator.includes(`\`${reason}\``))).toEqual([]);
    expect(AUDIENCE_CLASSES.filter((name) => !validator.includes(`\`${name}\``))).toEqual([]);
    expect(PHASES.filter((phase) => !read('README.md').includes(phase))).toEqual([]);
    const close = read('runbooks/close.md');
    expect(DRAIN_CHECKS.filter((check) => !close.includes(`\`${check}\``))).toEqual([]);
  });

  it('names only metrics that exist', async () => {
    const names = /crossfade_[a-z_]+/g;
    const exposed = new Set(read('packages/sidecar/README.md').match(names));
    const shipped = globSync(['runbooks/**/*.md', 'deploy/**/*.{yml,yaml,json}', 'README.md'], { cwd: root });
    const unknown = shipped.flatMap((path) =>
      [...new Set(read(path).match(names) ?? [])]
        .filter((name) => !exposed.has(name.replace(/_(bucket|sum|count)$/, '')))
        .map((name) => `${path}: ${name}`),
    );
    expect(unknown).toEqual([]);
  });

  it('types only verbs that the CLI knows', () => {
    const help = execFileSync(process.execPath, [resolve(root, 'packages/cli/bin/crossfade.js'), '--help'], {
      encoding: 'utf8',
    });
    const typed = pages.flatMap((page) =>
      [
        ...blocks(page, 'sh')
          .join('\n')
          .matchAll(/\bcrossfade ([a-z]+)/g),
      ].map(([, verb]) => ({ page, verb: verb ?? '' })),
    );
    expect(typed.length).toBeGreaterThan(5);
    expect(typed.filter(({ verb }) => !new RegExp(`^ +${verb}\\b`, 'm').test(help))).toEqual([]);
  });

  it('shows plans that parse', () => {
    const plans = pages.flatMap((page) => blocks(page, 'yaml').filter((block) => /^migration:/m.test(block)));
    expect(plans.length).toBeGreaterThan(0);
    for (const plan of plans) expect(parsePlanText(plan).version).toBe(1);
  });

  it('shows TypeScript that compiles', () => {
    const folder = mkdtempSync(join(root, 'test', '.readme-'));
    try {
      const files = pages.flatMap((page) =>
        blocks(page, 'ts').map((code, index) => {
          const owner = /^packages\/([^/]+)/.exec(page)?.[1] ?? 'root';
          const path = join(folder, `${owner}-${index}.ts`);
          mkdirSync(dirname(path), { recursive: true });
          writeFileSync(path, `${code}\nexport {};\n`);
          return path;
        }),
      );
      expect(files.length).toBeGreaterThan(5);
      writeFileSync(
        join(folder, 'tsconfig.json'),
        JSON.stringify({
          extends: '../../tsconfig.base.json',
          compilerOptions: {
            types: ['node'],
            composite: false,
            noEmit: true,
            declaration: false,
            declarationMap: false,
            sourceMap: false,
            noUnusedLocals: false,
          },
          files,
        }),
      );
      const tsc = resolve(root, 'node_modules/typescript/bin/tsc');
      expect(run(process.execPath, [tsc, '-p', folder])).toBe('');
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

/** What a command printed: nothing when all is well, so that a failure shows the compiler's own words. */
function run(command: string, args: readonly string[]): string {
  try {
    return execFileSync(command, args, { encoding: 'utf8' });
  } catch (error) {
    return (error as { stdout: string }).stdout;
  }
}
