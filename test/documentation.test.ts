import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative, resolve } from 'node:path';
import { run as runCli } from '@crossfade/cli';
import { AUDIENCE_CLASSES, DRAIN_CHECKS, PHASES, parsePlan, REJECTION_REASONS } from '@crossfade/core';
import { CLIENT_METRICS, METRICS, type MetricDefinition } from '@crossfade/core/metrics';
import { parseObservationPlanText, parsePlanText } from '@crossfade/core/plan-file';
import { startSidecar } from '@crossfade/sidecar';
import { createValidator, validatorOptions } from '@crossfade/validator';
import { globSync } from 'tinyglobby';
import { describe, expect, it } from 'vitest';
import { ROOMS } from './architecture/rooms.ts';

const root = resolve(import.meta.dirname, '..');
const pages = globSync(
  [
    '*.md',
    'docs/**/*.md',
    '.github/**/*.md',
    'packages/*/README.md',
    'runbooks/**/*.md',
    'deploy/**/*.md',
    'test/**/*.md',
    'load/**/*.md',
  ],
  { cwd: root, ignore: '**/node_modules/**' },
);

const metrics: readonly MetricDefinition[] = Object.values(METRICS);

function read(path: string): string {
  return readFileSync(resolve(root, path), 'utf8');
}

function blocks(path: string, language: string): string[] {
  return [...read(path).matchAll(new RegExp(`^\`\`\`${language}\\n([\\s\\S]*?)^\`\`\``, 'gm'))].map(
    ([, code]) => code ?? '',
  );
}

/** The command lines of `crossfade` on a page, as words: of shell blocks and of code in sentences. */
function commandsIn(page: string): string[][] {
  const text = read(page);
  const lines = [
    ...[...text.matchAll(/(?<!`)`([^`]+)`(?!`)/g)].map(([, code = '']) => code.replaceAll(/\s+/g, ' ')),
    ...blocks(page, 'sh').flatMap((block) => block.replaceAll(/\\\n */g, '').split('\n')),
  ];
  return lines.flatMap((line) => {
    const [, command] = /^(?:[A-Z_]+=\S+ )*(?:npx --no -- )?crossfade ([a-z][^|;&#]*)/.exec(line) ?? [];
    const words = command?.replaceAll(/ (?:[<>] \S+|\.\.\.)(?= |$)/g, '').matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g);
    return words === undefined ? [] : [[...words].map(([, single, double, bare]) => single ?? double ?? bare ?? '')];
  });
}

describe('the documentation', () => {
  it('has a page for the project, and one for every package', () => {
    const packages = globSync('packages/*/package.json', { cwd: root }).map((path) => `${dirname(path)}/README.md`);
    expect(pages).toEqual(expect.arrayContaining(['README.md', ...packages]));
  });

  it('links only to files that exist', () => {
    const broken = pages.flatMap((page) =>
      [...read(page).matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)/g)]
        .map(([, target]) => resolve(root, dirname(page), target ?? ''))
        .filter((target) => !existsSync(target))
        .map((target) => `${page} -> ${relative(root, target)}`),
    );
    expect(broken).toEqual([]);
  });

  it('names only source files and tests that exist', () => {
    const broken = ['ARCHITECTURE.md', 'CONTRIBUTING.md', ...pages.filter((page) => page.startsWith('docs/'))].flatMap(
      (page) =>
        [...read(page).matchAll(/`([a-z0-9-]+\/[\w./-]+\.(?:ts|yml|json|txt))`/g)]
          .map(([, path = '']) => path)
          .filter((path) => !existsSync(resolve(root, path)) && !existsSync(resolve(root, 'packages', path)))
          // The table of one request shortens the paths of its second column.
          .filter((path) => !existsSync(resolve(root, 'packages/validator/src', path)))
          .map((path) => `${page} -> ${path}`),
    );
    expect(broken).toEqual([]);
  });

  it('draws the rooms of each package in the order of their table', () => {
    const drawn = [...read('ARCHITECTURE.md').matchAll(/^\| ([a-z-]+) \| ((?:`[a-z0-9/-]+` ?)+) \|$/gm)].map(
      ([, owner = '', rooms = '']) => [owner, rooms.replaceAll('`', '').trim().split(' ')],
    );
    const listed = Object.entries(ROOMS)
      .map(([owner, rooms]) => [owner, Object.keys(rooms).filter((room) => room !== 'src')] as const)
      .filter(([, rooms]) => rooms.length > 0);
    expect(Object.fromEntries(drawn)).toEqual(Object.fromEntries(listed));
  });

  it('explains every rejection reason, audience class, phase and drain check', () => {
    const vocabulary = read('packages/core/README.md');
    const errors = read('docs/reference/errors.md');
    expect(REJECTION_REASONS.filter((reason) => !errors.includes(`| \`${reason}\` |`))).toEqual([]);
    expect(AUDIENCE_CLASSES.filter((name) => !vocabulary.includes(`\`${name}\``))).toEqual([]);
    expect(PHASES.filter((phase) => !read('README.md').includes(phase))).toEqual([]);
    const close = read('runbooks/close.md');
    expect(DRAIN_CHECKS.filter((check) => !close.includes(`\`${check}\``))).toEqual([]);
  });

  it('lists the metrics that sidecars and clients expose, and rules and runbooks name no others', async () => {
    const exposed = [...(await metricsOfSidecars()), ...CLIENT_METRICS.map(({ name }) => name)].sort();
    expect(exposed).toEqual(metrics.map(({ name }) => name).sort());
    const shipped = globSync(['runbooks/**/*.md', 'deploy/**/*.{yml,yaml,json}', 'README.md'], { cwd: root });
    // The others are a label, and identity headers that Traefik removes under this spelling, too.
    const unknown = shipped.flatMap((path) =>
      [...new Set(read(path).match(/\bcrossfade_(?!(?:migration|audience|subject|client|scope)\b)[a-z_]+/g) ?? [])]
        .filter((name) => !exposed.includes(name.replace(/_(bucket|sum|count)$/, '')))
        .map((name) => `${path}: ${name}`),
    );
    expect(unknown).toEqual([]);
  });

  it('has commands that the CLI takes, with their options, in blocks and in sentences', async () => {
    const used = pages.flatMap((page) => commandsIn(page).map((argv) => ({ page, argv })));
    expect(used.length).toBeGreaterThan(100);
    const refused: string[] = [];
    for (const { page, argv } of used) {
      const stderr = { write: (text: string) => void refused.push(`${page}: ${argv.join(' ')}: ${text}`) };
      await runCli(argv[0] === 'help' ? argv : [...argv, '--help'], {
        stdout: { write: () => {} },
        stderr,
        env: {},
        cwd: root,
      });
    }
    expect(refused).toEqual([]);
  });

  it('leads from the README to every page', () => {
    const reached = new Set(['README.md']);
    // A set that grows while it is read is read to its end.
    for (const page of reached) {
      for (const [, target = ''] of read(page).matchAll(/\]\((?!https?:|#|mailto:)([^)#\s]+)/g)) {
        const path = relative(root, resolve(root, dirname(page), target));
        for (const file of [path, `${path}/README.md`]) if (pages.includes(file)) reached.add(file);
      }
    }
    const elsewhere = /^(\.github|test)\//;
    expect(pages.filter((page) => !reached.has(page) && !elsewhere.test(page))).toEqual([]);
  });

  it('runs only installed packages: `crossfade` on npm is not ours', () => {
    const commands = globSync([...pages, 'docs/**/*.md', 'packages/*/src/**/*.ts'], { cwd: root })
      .flatMap((path) => read(path).match(/(npx (?!--no )|npm (install|i|add) [^`\n]*)@?crossfade[^`\n]*/g) ?? [])
      .filter((command) => !command.includes('artifacts/'));
    expect(commands).toEqual([]);
  });

  it('shows plans that parse', () => {
    const plans = pages.flatMap((page) => blocks(page, 'yaml').filter((block) => /^migration:/m.test(block)));
    expect(plans.length).toBeGreaterThan(0);
    for (const plan of plans) expect(parseObservationPlanText(plan).version).toBe(1);
  });

  it('shows sides of each provider that parse', () => {
    const frame = 'version: 1\nmigration: orders\nflags: { source: file, path: flags.json }\n';
    const sides = blocks('docs/providers.md', 'yaml');
    expect(sides.length).toBeGreaterThan(4);
    for (const side of sides) {
      const plan = parsePlanText(`${frame}${side}`);
      expect(() => createValidator(validatorOptions(plan))).not.toThrow();
    }
  });

  it('explains every option, event, page, error and metric of the client', () => {
    const page = read('packages/client/README.md');
    const source = (path: string) => read(`packages/client/src/${path}`);
    const names = [
      ...['provider/client-authentication.ts', 'provider/provider-options.ts', 'provider/client-options.ts'],
      ...['bff/bff.ts', 'machine/token-source.ts'],
    ].flatMap((path) =>
      [...source(path).matchAll(/(?:Options|Options = [\w &]+)(?: extends \w+)? \{\n([\s\S]*?)^\}/gm)].flatMap(
        ([, body = '']) => [...body.matchAll(/^ {2}readonly (\w+)\??:/gm)].map(([, name = '']) => name),
      ),
    );
    const events = [...source('events/client-event.ts').matchAll(/readonly type: '(\w+)'/g)].map(
      ([, name = '']) => name,
    );
    const kinds = [...source('bff/pages/page.ts').matchAll(/^ {4}\| '(\w+)'/gm)].map(([, name = '']) => name);
    const errors = [...source('provider/errors.ts').matchAll(/class (\w+)/g)].map(([, name = '']) => name);
    expect([names, events, kinds, errors].map(({ length }) => length > 2)).toEqual([true, true, true, true]);
    const missing = [...names, ...events, ...kinds, ...errors].filter((name) => !page.includes(`\`${name}\``));
    expect(missing).toEqual([]);
  });

  it('shows TypeScript that compiles', () => {
    const folder = mkdtempSync(join(root, 'test', '.readme-'));
    try {
      const files = pages.flatMap((page) =>
        blocks(page, 'ts').map((code, index) => {
          const path = join(folder, `${page.replaceAll(/\W+/g, '-')}-${index}.ts`);
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

/** Returns the output of a command: nothing on success, the compiler's messages on failure. */
function run(command: string, args: readonly string[]): string {
  try {
    return execFileSync(command, args, { encoding: 'utf8' });
  } catch (error) {
    return (error as { stdout: string }).stdout;
  }
}

/** Returns the names of all metrics that an enforcing sidecar and a collector expose. */
async function metricsOfSidecars(): Promise<string[]> {
  const folder = mkdtempSync(join(tmpdir(), 'crossfade-metrics-'));
  const flags = join(folder, 'flags.json');
  writeFileSync(flags, '{}');
  const idp = { issuer: 'http://127.0.0.1:1' };
  const address = { listen: '127.0.0.1:0', admin: '127.0.0.1:0' };
  const modes = [{ judge: 'enforce', upstream: 'http://127.0.0.1:1' }, { mode: 'collect' }];
  try {
    const names = await Promise.all(
      modes.map((mode) =>
        metricsOf({
          version: 1,
          clients: [],
          migration: 'm',
          legacy: { ...idp, audience: 'old' },
          target: { ...idp, audience: 'new' },
          flags: { source: 'file', path: flags },
          sidecar: { service: 's', ...address, ...mode },
        }),
      ),
    );
    return [...new Set(names.flat())].sort();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function metricsOf(plan: unknown): Promise<string[]> {
  const sidecar = await startSidecar(parsePlan(plan));
  try {
    const text = await (await fetch(`${sidecar.adminUrl}/metrics`)).text();
    return [...text.matchAll(/^# TYPE (crossfade_\w+)/gm)].map(([, name]) => name ?? '');
  } finally {
    await sidecar.close();
  }
}
