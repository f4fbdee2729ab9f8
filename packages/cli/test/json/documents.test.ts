import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { parsePlan } from '@crossfade/core';
import { openFlagSource } from '@crossfade/flags';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startAppConfig } from '../fixture/app-config.ts';
import { startSidecar } from '../fixture/sidecar.ts';
import { mintToken } from '../fixture/token-workplace.ts';
import { createWorkplace, PLAN } from '../fixture/workplace.ts';

// The fixture holds every document that is printed here against the schema of its verb.

/** The arguments with which a verb gets as far as the plan. */
const ARGUMENTS: Readonly<Record<string, readonly string[]>> = {
  census: [],
  doctor: [],
  verify: [],
  status: [],
  advance: ['--yes'],
  rollback: [],
  gate: [],
  stragglers: [],
  brownout: ['--percent', '2', '--for', '10m', '--yes'],
  close: ['--yes', '--legacy', 'default-api'],
  reopen: [],
  history: [],
  report: [],
  inspect: ['-'],
  parity: ['-'],
};
const MOVES = ['advance', 'close', 'reopen', 'brownout', 'rollback'] as const;
const DRAINING = { 'issue-target': { enabled: true, percent: 100, revision: '9' } };

async function createMetered(flags: object) {
  const workplace = await createWorkplace();
  await workplace.writeFlags(flags);
  const sidecar = await startSidecar(workplace.flagsPath);
  await workplace.writePlan({ ...PLAN, gate: { sidecars: [sidecar.url] } });
  return workplace;
}

describe('a document with --json is of the schema of its verb', () => {
  it.each(Object.entries(ARGUMENTS))('%s, while the plan is wrong', async (verb, argv) => {
    const { crossfade } = await createWorkplace({ ...PLAN, migration: 'Not A Name' });
    const stdin = new PassThrough();
    stdin.end(`${mintToken({})}\n${mintToken({})}\n`);
    const result = await crossfade([verb, ...argv, '--config', 'crossfade.yaml', '--json'], { stdin });
    expect(result.exitCode).toBe(2);
    expect(result.json()).toMatchObject({ verb, exitCode: 2 });
  });

  it.each(['status', 'gate', 'report', ...MOVES])('%s, while the store cannot be read', async (verb) => {
    const { crossfade, writePlan, folder } = await createWorkplace();
    const sidecar = await startSidecar();
    await writePlan({ ...PLAN, flags: { source: 'file', path: folder }, gate: { sidecars: [sidecar.url] } });
    const result = await crossfade([verb, ...(ARGUMENTS[verb] ?? []), '--json']);
    expect(result.json()).toMatchObject({ verb, exitCode: 3 });
  });

  it('rollback that stops a deployment of another operator', async () => {
    const appConfig = await startAppConfig();
    const { crossfade, writePlan } = await createWorkplace();
    const source = await openFlagSource(parsePlan({ ...PLAN, flags: appConfig.flags }).flags);
    onTestFinished(() => source.close());
    const sidecar = await startSidecar(source);
    await writePlan({ ...PLAN, flags: appConfig.flags, gate: { sidecars: [sidecar.url] } });
    await appConfig.deployElsewhere();
    const result = await crossfade(['rollback', '--json']);
    expect(result.json()).toMatchObject({ exitCode: 0, stopped: expect.stringContaining('deployment 2') });
  });

  it.each([
    ['advance', { 'issue-target': { enabled: true, percent: 5 } }, ['--to', '25']],
    ['brownout', DRAINING, ['--percent', '2', '--for', '10m']],
  ])('%s, declined', async (verb, flags, argv) => {
    const { crossfade } = await createMetered(flags);
    const result = await crossfade([verb, ...argv, '--json'], { reply: 'no' });
    expect(result.json()).toMatchObject({ verb, exitCode: 1, outcome: 'declined' });
  });

  it('reopen and rollback of a closed audience, dry and written', async () => {
    const closed = { ...DRAINING, 'accept-legacy': { enabled: false } };
    const { crossfade } = await createMetered(closed);
    for (const verb of ['reopen', 'rollback'])
      expect((await crossfade([verb, '--dry-run', '--json'])).json()).toMatchObject({ verb, outcome: 'dry-run' });
    const back = await crossfade(['rollback', '--now', '--json']);
    expect(back.json()).toMatchObject({ exitCode: 0, reopened: { revision: expect.any(String) } });
  });

  it('a move that no meter confirms, and a fleet that does not respond', async () => {
    const { crossfade, writePlan } = await createWorkplace();
    const gone = await startSidecar();
    await gone.close();
    await writePlan({ ...PLAN, gate: { sidecars: [gone.url] } });
    for (const [verb, exitCode] of [
      ['status', 4],
      ['gate', 1],
      ['stragglers', 4],
      ['census', 4],
      ['doctor', 1],
      ['advance', 1],
    ] as const)
      expect((await crossfade([verb, ...(ARGUMENTS[verb] ?? []), '--json'])).json()).toMatchObject({ verb, exitCode });
    await writePlan(PLAN);
    expect((await crossfade(['rollback', '--json'])).json()).toMatchObject({ exitCode: 4, outcome: 'unconfirmed' });
  });

  it('several plans, one of them wrong', async () => {
    const { crossfade, folder } = await createMetered(DRAINING);
    await writeFile(join(folder, 'b.json'), JSON.stringify({ ...PLAN, clients: 7 }));
    await writeFile(join(folder, 'c.json'), JSON.stringify({ ...PLAN, migration: 'other' }));
    const result = await crossfade(['status', '--config', '[bc].json', '--json']);
    expect(result.json()).toMatchObject({ exitCode: 2, plans: [{ error: {} }, { migration: 'other' }] });
  });

  it('two tokens, one of them opaque', async () => {
    const { crossfade } = await createWorkplace();
    const stdin = new PassThrough();
    stdin.end(`opaque-token-of-the-legacy-side\n${mintToken({ aud: 'x' })}\n`);
    const result = await crossfade(['parity', '-', '--json'], { stdin });
    expect(result.json()).toMatchObject({ verb: 'parity', exitCode: 4, losses: null });
  });

  it('init, runbook, completion, and what is printed before a verb is known', async () => {
    const { crossfade } = await createWorkplace();
    const documents = [
      [['init', '--json'], 2],
      [['runbook', '--json'], 0],
      [['runbook', 'rollback', '--json'], 0],
      [['runbook', 'none', '--json'], 2],
      [['completion', 'fish', '--json'], 0],
      [['completion', 'cmd', '--json'], 2],
      [['gat', '--json'], 2],
      [['gate', '--nope', '--json'], 2],
      [['gate', '--help', '--json'], 0],
      [['--version', '--json'], 0],
    ] as const;
    for (const [argv, exitCode] of documents) expect((await crossfade(argv)).exitCode).toBe(exitCode);
  });
});
