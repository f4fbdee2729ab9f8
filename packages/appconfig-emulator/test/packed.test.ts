import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';

const run = promisify(execFile);
const PACKAGE = resolve(import.meta.dirname, '..');
const NAME = '@crossfade/appconfig-emulator';

interface Manifest {
  readonly bin: Readonly<Record<string, string>>;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly exports: Readonly<Record<string, unknown>>;
}

function readManifest(folder: string): Manifest {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
}

/** Packs the package as it is published, and unpacks it with only the dependencies it declares. */
async function installPacked(place: string): Promise<string> {
  const { packageManager } = JSON.parse(readFileSync(resolve(PACKAGE, '../../package.json'), 'utf8'));
  await run('npx', ['--yes', packageManager, 'pack', '--pack-destination', place], { cwd: PACKAGE });
  const [tarball = ''] = readdirSync(place).filter((file) => file.endsWith('.tgz'));
  const modules = join(place, 'node_modules');
  const installed = join(modules, NAME);
  mkdirSync(installed, { recursive: true });
  await run('tar', ['-xzf', join(place, tarball), '--strip-components=1', '-C', installed]);
  for (const dependency of Object.keys(readManifest(installed).dependencies)) {
    mkdirSync(dirname(join(modules, dependency)), { recursive: true });
    symlinkSync(join(PACKAGE, 'node_modules', dependency), join(modules, dependency));
  }
  return installed;
}

describe('the packed package', { timeout: 60_000 }, () => {
  const place = mkdtempSync(join(tmpdir(), 'crossfade-emulator-'));
  let installed = '';
  beforeAll(async () => {
    installed = await installPacked(place);
  }, 90_000);
  afterAll(() => rmSync(place, { recursive: true }));

  const start = (...argv: string[]) => {
    const [bin = ''] = Object.values(readManifest(installed).bin);
    const program = spawn(process.execPath, [join(installed, bin), ...argv], { cwd: place });
    onTestFinished(() => void program.kill('SIGKILL'));
    return program;
  };

  it('contains what it needs and no more', () => {
    expect(readdirSync(installed).sort()).toEqual(['LICENSE', 'README.md', 'bin', 'dist', 'package.json']);
    const files = readdirSync(join(installed, 'dist'), { recursive: true, encoding: 'utf8' });
    expect(files.filter((file) => /\.(map|tsbuildinfo)$/.test(file))).toEqual([]);
    expect(Object.values(readManifest(installed).exports)).toEqual([
      { types: './dist/index.d.ts', default: './dist/index.js' },
    ]);
    for (const range of Object.values(readManifest(installed).dependencies)) expect(range).toMatch(/^[~^]\d/);
  });

  it('can be imported', async () => {
    const script = `const { createEmulator } = await import('${NAME}');
      const emulator = createEmulator();
      process.stdout.write((await emulator.listen()).url);
      await emulator.close();`;
    const { stdout } = await run(process.execPath, ['--input-type=module', '-e', script], { cwd: place });
    expect(stdout).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  });

  it('runs, obeys the commands of its own help, and ends on SIGTERM', async () => {
    const help = await text(start('--help').stdout);
    const program = start('--port', '0');
    const stderr = text(program.stderr);
    const [line] = await once(program.stdout, 'data');
    const url = String(line).trim().split(' ').at(-1) ?? '';

    const commands = [...help.matchAll(/curl \S+(\/_emulator\S*)(?: +-d '([^']+)')?(?: +-X (\w+))?/g)];
    expect(commands.length).toBeGreaterThan(2);
    for (const [, path, body, method = 'POST'] of commands) {
      const response = await fetch(`${url}${path}`, { method, ...(body !== undefined && { body }) });
      expect([path, response.status]).toEqual([path, 200]);
    }
    expect(await (await fetch(`${url}/_emulator`)).json()).toMatchObject({ faults: [] });

    const ended = once(program, 'close');
    program.kill('SIGTERM');
    expect(await ended).toEqual([0, null]);
    expect(await stderr).toBe('');
  });
});
