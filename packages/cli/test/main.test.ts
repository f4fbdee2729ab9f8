import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { startSidecar } from './fixture/sidecar.ts';
import { createWorkplace, PLAN } from './fixture/workplace.ts';

const BIN = resolve(import.meta.dirname, '../bin/crossfade.js');

function start(argv: readonly string[], cwd: string, env: Readonly<Record<string, string>> = {}) {
  return spawn(process.execPath, [BIN, ...argv], {
    cwd,
    env: { PATH: process.env['PATH'], ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

async function crossfade(argv: readonly string[], cwd: string, env: Readonly<Record<string, string>> = {}) {
  const child = start(argv, cwd, env);
  const [stdout, stderr, [exitCode]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close'),
  ]);
  return { exitCode, stdout, stderr };
}

describe('the program', () => {
  it('exits with the code of each class', async () => {
    const { folder, writeFlags, writePlan } = await createWorkplace();
    await writeFlags({ 'issue-target': { enabled: true, percent: 10 } });
    const sidecar = await startSidecar();
    await writePlan({ ...PLAN, gate: { sidecars: [sidecar.url] } });
    expect(await crossfade(['status'], folder)).toMatchObject({ exitCode: 0, stderr: '' });
    expect(await crossfade(['gate'], folder)).toMatchObject({ exitCode: 1, stderr: '' });
    expect(await crossfade(['gat'], folder)).toMatchObject({ exitCode: 2, stdout: '' });
    await writePlan({ ...PLAN, flags: { source: 'file', path: '.' }, gate: { sidecars: [sidecar.url] } });
    expect(await crossfade(['rollback'], folder)).toMatchObject({ exitCode: 3 });
    await writePlan(PLAN);
    expect(await crossfade(['rollback'], folder)).toMatchObject({ exitCode: 4 });
  });

  it('prints no colour into a pipe, and one JSON document with --json', async () => {
    const { folder } = await createWorkplace();
    const { stdout } = await crossfade(['status'], folder);
    expect(stdout).not.toContain('\u001B');
    expect(JSON.parse((await crossfade(['status', '--json'], folder)).stdout)).toMatchObject({ phase: 'prepare' });
  });

  it('obeys CROSSFADE_FLAGS_PATH and rejects an unknown variable', async () => {
    const { folder, writeFlags } = await createWorkplace({ ...PLAN, flags: { source: 'file', path: './none.json' } });
    await writeFlags({ 'issue-target': { enabled: true, percent: 33 } });
    const { stdout } = await crossfade(['status'], folder, { CROSSFADE_FLAGS_PATH: './flags.json' });
    expect(stdout).toContain('33% target');
    expect(await crossfade(['status'], folder, { CROSSFADE_FLAGS_PAHT: 'x' })).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('CROSSFADE_FLAGS_PAHT: is not a known setting'),
    });
  });

  it('does not ask without a terminal', async () => {
    const { folder } = await createWorkplace();
    expect(await crossfade(['advance', '--to', '5'], folder)).toMatchObject({ exitCode: 2 });
  });

  it('ends a wait on SIGTERM and reports what is not confirmed', async () => {
    const { folder, writePlan, flags, writeFlags } = await createWorkplace();
    await writeFlags({ 'issue-target': { enabled: true, percent: 10 } });
    const lagging = await startSidecar();
    lagging.status.issuance.percent = 10;
    await writePlan({ ...PLAN, gate: { sidecars: [lagging.url] } });
    const child = start(['rollback', '--json'], folder);
    const ended = Promise.all([text(child.stdout), once(child, 'close')]);
    await expect.poll(flags, { timeout: 10_000 }).toMatchObject({ document: { issuance: { percent: 0 } } });
    child.kill('SIGTERM');
    const [stdout, [exitCode]] = await ended;
    expect(exitCode).toBe(4);
    expect(JSON.parse(stdout)).toMatchObject({ outcome: 'unconfirmed', pending: [{ meter: lagging.url }] });
  });
});
