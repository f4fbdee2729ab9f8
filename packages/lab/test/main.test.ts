import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { waitFor } from '../src/environment/wait-for.ts';

const program = resolve(import.meta.dirname, '../bin/crossfade-lab.js');
const folders: string[] = [];

interface Run {
  readonly child: ChildProcess;
  readonly folder: string;
  readonly exit: Promise<number | null>;
  stdout: string;
  stderr: string;
}

function start(...argv: readonly string[]): Run {
  const folder = mkdtempSync(join(tmpdir(), 'crossfade-lab-test-'));
  folders.push(folder);
  const child = spawn(process.execPath, [program, ...argv], { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
  const exit = once(child, 'close').then(([code]) => code as number | null);
  const run: Run = { child, folder, exit, stdout: '', stderr: '' };
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    run.stdout += text;
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    run.stderr += text;
  });
  return run;
}

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

describe('the program crossfade-lab', () => {
  it('prints its help and exits 0', async () => {
    const run = start('--help');
    expect(await run.exit).toBe(0);
    expect(run.stdout).toContain('Usage: crossfade-lab');
    expect(run.stderr).toBe('');
  });

  it('prints its version and exits 0', async () => {
    const run = start('--version');
    expect(await run.exit).toBe(0);
    expect(run.stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  it('exits 2 on bad arguments with every problem, and starts nothing', async () => {
    const run = start('--clients', '1', '--quick');
    expect(await run.exit).toBe(2);
    expect(run.stdout).toBe('');
    expect(run.stderr).toBe(
      'crossfade-lab: --quick: is not an option: see --help\n' +
        'crossfade-lab: --clients: must be an integer 4..200\n' +
        'Try: crossfade-lab --help\n',
    );
  });

  it('stops everything on SIGINT, its sidecars too', async () => {
    const run = start('--fast', '--seed', '1');
    await waitFor('the rehearsal to begin', 40_000, () => run.stdout.includes('phase prepare'));
    const dashboards = [...run.stdout.matchAll(/dashboard {2}(\S+)/g)].map(([, url]) => url ?? '');
    expect(dashboards).toHaveLength(2);
    for (const url of dashboards) expect((await fetch(new URL('/healthz', url))).status).toBe(200);
    run.child.kill('SIGINT');
    expect(await run.exit).toBe(130);
    for (const url of dashboards) await expect(fetch(url)).rejects.toThrow();
    expect(existsSync(join(run.folder, 'rehearsal.json'))).toBe(false);
  }, 60_000);
});
