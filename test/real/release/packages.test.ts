import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { publint } from 'publint';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { type EmptyProject, emptyProject, printed, terminate } from '../fixture/empty-project.ts';
import { packedPackages } from '../fixture/packed-packages.ts';
import { type Exit, executeAsync, missing } from '../fixture/real-part.ts';

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly engines: { readonly node: string };
  readonly exports: Readonly<Record<string, unknown>>;
  readonly bin?: Readonly<Record<string, string>>;
}

const root = resolve(import.meta.dirname, '../../..');
const names = readdirSync(join(root, 'packages'));
const manifests = names.map((name): Manifest => readJson(join(root, 'packages', name, 'package.json')));
const specifiers = manifests.flatMap(({ name, exports }, index) =>
  Object.keys(exports)
    .flatMap((path) => (path.includes('*') ? filesLike(join(root, 'packages', names[index] ?? ''), path) : path))
    .map((path) => name + path.slice(1)),
);
const programs = manifests.flatMap(({ bin = {} }) => Object.keys(bin));
const { packageManager } = readJson(join(root, 'package.json'));

/** The README section for users of the packages, whose project is next to this repository. */
const [, section = ''] = readFileSync(join(root, 'README.md'), 'utf8').split('\n## Get the packages\n');
const [, install = ''] = [...section.matchAll(/^```sh\n([\s\S]*?)^```/gm)].map(([, block]) => block ?? '');
const [, override = ''] = /^```yaml\noverrides:\n(.+\n)```/m.exec(section) ?? [];

function readJson(path: string) {
  return JSON.parse(readFileSync(path, 'utf8'));
}

/** The entries that a pattern of `exports` stands for. */
function filesLike(folder: string, pattern: string): string[] {
  const [before = '', after = ''] = pattern.split('*');
  const found = readdirSync(join(folder, before)).filter((file) => file.endsWith(after));
  expect(found.length, `${pattern} has no file in ${folder}`).toBeGreaterThan(0);
  return found.map((file) => before + file);
}

/** Imports every entry point, and prints those that fail or export nothing. */
const IMPORT_ALL = `const failures = [];
for (const specifier of process.argv.slice(2)) {
  const options = specifier.endsWith('.json') ? { with: { type: 'json' } } : {};
  await import(specifier, options).then(
    (entry) => Object.keys(entry).length > 0 || failures.push(specifier + ' exports nothing'),
    (error) => failures.push(specifier + ': ' + error.message),
  );
}
console.log(failures.join('\\n'));
`;

const OBSERVE = `version: 1
clients: []
migration: packed
legacy: { issuer: 'http://127.0.0.1:1', audience: old, scope: openid, tokenLifetime: 1h, sessionLifetime: 1d }
target: { issuer: 'http://127.0.0.1:1', audience: new, scope: openid orders, tokenLifetime: 1h }
flags: { source: file, path: flags.json }
sidecar: { service: orders, upstream: 'http://127.0.0.1:1', listen: '127.0.0.1:0', admin: '127.0.0.1:0' }
`;

/** The exit of each command that a user types after the other. */
interface Installed {
  readonly user: EmptyProject;
  readonly install: Exit;
  readonly another: Exit;
  readonly importAll: Exit;
  readonly help: ReadonlyMap<string, Exit>;
  readonly runbook: Exit;
}

const NODES = ['node20', 'node22', 'node24'].filter((node) => !missing(node));

describe('the packed packages', () => {
  const place = mkdtempSync(join(tmpdir(), 'crossfade-packages-'));
  const tarball = (name: string) =>
    join(place, 'crossfade/artifacts', `crossfade-${name}-${manifests[0]?.version}.tgz`);
  const project = (node: string, manager: string) => emptyProject(join(place, `${node}-${manager}`), node);

  // Installing waits for the registry, so all users install at once, while the tarballs are looked at.
  let npm: ReadonlyMap<string, Promise<Installed>>;
  let pnpm: Promise<Pick<Installed, 'install' | 'importAll'>>;
  beforeAll(async () => {
    const artifacts = await packedPackages();
    symlinkSync(dirname(artifacts), join(place, 'crossfade'), 'junction');
    npm = new Map(NODES.map((node) => [node, installWithNpm(project(node, 'npm'))]));
    pnpm = installWithPnpm(project(NODES[0] ?? 'node', 'pnpm'));
  }, 300_000);
  afterAll(async () => {
    await Promise.allSettled([...npm.values(), pnpm]);
    rmSync(place, { recursive: true, force: true });
  }, 300_000);

  it.each(names)('%s holds no map, no build information, and no workspace protocol', async (name) => {
    const folder = join(place, 'unpacked', name);
    mkdirSync(folder, { recursive: true });
    const unpacked = await executeAsync('tar', ['-xzf', tarball(name), '--strip-components=1', '-C', folder], place);
    expect(unpacked.code).toBe(0);
    expect(readdirSync(folder)).toEqual(expect.arrayContaining(['LICENSE', 'README.md', 'dist', 'package.json']));
    const files = readdirSync(join(folder, 'dist'), { recursive: true, encoding: 'utf8' });
    expect(files.filter((file) => /(\.map|\.tsbuildinfo)$/.test(file))).toEqual([]);
    const code = files.filter((file) => /\.[jt]s$/.test(file)).map((file) => join(folder, 'dist', file));
    expect(code.filter((file) => readFileSync(file, 'utf8').includes('sourceMappingURL'))).toEqual([]);
    expect(readFileSync(join(folder, 'package.json'), 'utf8')).not.toMatch(/workspace:|catalog:|@crossfade\/source/);
  });

  it.each(names)('%s passes publint and attw', async (name) => {
    const bytes = readFileSync(tarball(name));
    const { messages } = await publint({ strict: true, pack: { tarball: new Uint8Array(bytes).buffer } });
    expect(messages).toEqual([]);
    const attw = join(root, 'test/node_modules/.bin/attw');
    expect(await executeAsync(attw, [tarball(name), '--profile', 'esm-only'], place)).toMatchObject({ code: 0 });
  });

  it.skipIf(missing('node20'))('are tested on the oldest Node that they support', async () => {
    const [oldest] = /\d+\.\d+/.exec(manifests[0]?.engines.node ?? '') ?? [];
    expect((await executeAsync('node20', ['--version'], place)).output).toMatch(`v${oldest}.`);
  });

  describe.each(NODES)('on %s', (node) => {
    let installed: Installed;
    beforeAll(async () => {
      const found = await npm.get(node);
      if (found === undefined) throw new Error(`${node} has not installed`);
      installed = found;
    }, 300_000);

    it('install with the command of the README, and import', () => {
      expect(install).toContain('artifacts/*.tgz');
      // Without `--` after `--no`, npm takes the program for a value, prints its own help, and succeeds, too.
      expect(installed.install).toMatchObject({ code: 0, output: expect.stringContaining('crossfade <verb>') });
      expect(installed.another).toMatchObject({ code: 0 });
      expect(installed.importAll).toEqual({ code: 0, output: '\n' });
    });

    it('have programs that print their help', () => {
      expect(programs.length).toBeGreaterThan(3);
      for (const program of programs) {
        expect([program, installed.help.get(program)]).toEqual([
          program,
          { code: 0, output: expect.stringContaining(program) },
        ]);
      }
    });

    it('have the runbooks, for an operator without this repository', () => {
      expect(installed.runbook).toMatchObject({ code: 0, output: expect.stringContaining('# Rollback') });
    });

    it.each([
      { program: 'crossfade-sidecar', args: ['--config', 'crossfade.yaml'], line: /listen/, code: 0 },
      { program: 'crossfade-appconfig-emulator', args: ['--port', '0'], line: /127\.0\.0\.1:\d+/, code: 0 },
      { program: 'crossfade-lab', args: ['--fast'], line: /127\.0\.0\.1:\d+/, code: 143 },
    ])('have $program, which runs and exits on SIGTERM', async ({ program, args, line, code }) => {
      const { user } = installed;
      writeFileSync(join(user.folder, 'crossfade.yaml'), OBSERVE);
      writeFileSync(join(user.folder, 'flags.json'), '{}');
      const started = user.start(program, ...args);
      onTestFinished(() => void started.kill('SIGKILL'));
      await printed(started, line);
      expect(await terminate(started)).toBe(code);
    });
  });

  it.skipIf(missing('node20'))(
    'install with pnpm and the overrides of the README, too',
    async () => {
      expect(await pnpm).toEqual({
        install: { code: 0, output: expect.any(String) },
        importAll: { code: 0, output: '\n' },
      });
    },
    300_000,
  );
});

async function installWithNpm(user: EmptyProject): Promise<Installed> {
  const installed = await user.run(install);
  const another = await user.run('npm install @openfeature/server-sdk');
  const imported = await importAll(user);
  const help = new Map<string, Exit>();
  for (const program of programs) help.set(program, await user.run(`npx --no -- ${program} --help`));
  const runbook = await user.run('npx --no -- crossfade runbook rollback');
  return { user, install: installed, another, importAll: imported, help, runbook };
}

async function installWithPnpm(user: EmptyProject): Promise<Pick<Installed, 'install' | 'importAll'>> {
  const overrides = names.map((name) => override.replaceAll('core', name));
  writeFileSync(join(user.folder, 'pnpm-workspace.yaml'), `overrides:\n${overrides.join('')}`);
  const pnpm = `npx --yes ${packageManager}`;
  const installed = await user.run(`${pnpm} add ../crossfade/artifacts/*.tgz @openfeature/server-sdk`);
  return { install: installed, importAll: await importAll(user) };
}

function importAll(user: EmptyProject): Promise<Exit> {
  writeFileSync(join(user.folder, 'import-all.js'), IMPORT_ALL);
  return user.run(`node import-all.js ${specifiers.join(' ')}`);
}
