import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startSidecar } from '../fixture/sidecar.ts';
import { createWorkplace, PLAN } from '../fixture/workplace.ts';

const OPERATOR = { env: { CROSSFADE_OPERATOR: '<img src=x onerror=alert(1)>' } };

async function createMovedWorkplace() {
  const workplace = await createWorkplace();
  await workplace.writeFlags({ 'issue-target': { enabled: true, percent: 50, revision: '3' } });
  const sidecar = await startSidecar(workplace.flagsPath);
  await workplace.writePlan({ ...PLAN, gate: { sidecars: [sidecar.url] } });
  await workplace.crossfade(['rollback', '--reason', 'checkout errors & more'], OPERATOR);
  return { ...workplace, sidecar };
}

test('gives the moves, the phases, the gate and who checks which audience where', async () => {
  const { crossfade, sidecar, flagsPath } = await createMovedWorkplace();
  const { exitCode, json } = await crossfade(['report', '--json'], OPERATOR);
  expect(exitCode).toBe(0);
  expect(json()).toMatchObject({
    migration: 'orders-2026',
    phase: expect.any(String),
    flags: { source: `file ${flagsPath}`, hash: expect.stringMatching(/^[0-9a-f]{12}$/), revision: '4' },
    sides: [
      { side: 'legacy', known: 'aud default-api' },
      { side: 'target', known: 'aud https://api.example.com/orders' },
    ],
    phases: [{ phase: 'expand', endedAt: null }],
    moves: [{ verb: 'rollback', reason: 'checkout errors & more', from: '50% both', to: '0% both', state: 'written' }],
    gate: { verdict: expect.any(String), checks: expect.any(Array) },
    checks: [
      { instance: sidecar.url, side: 'legacy' },
      { instance: sidecar.url, side: 'target' },
    ],
  });
});

test('says that the API itself checks where a sidecar only observes it, and the sidecar where it enforces', async () => {
  const { crossfade, sidecar } = await createMovedWorkplace();
  const checkers = async () =>
    ((await crossfade(['report', '--json'])).json()['checks'] as { side: string; by: string }[]).map(({ by }) => by);
  const at = new Date().toISOString();
  const never = { acceptedAt: null, unauthorizedAt: null };
  sidecar.status.shown = { legacy: true, target: false };
  sidecar.status.apiResponses = {
    legacy: { acceptedAt: at, unauthorizedAt: null },
    target: { acceptedAt: null, unauthorizedAt: at },
  };
  expect(await checkers()).toEqual(Array(2).fill('the API itself; the meter observes its responses'));
  sidecar.status.shown = { legacy: false, target: true };
  sidecar.status.apiResponses = { legacy: { acceptedAt: at, unauthorizedAt: null }, target: never };
  expect(await checkers()).toEqual(Array(2).fill(expect.stringContaining('a sidecar that enforces')));
});

test('states what it cannot know', async () => {
  const { crossfade, writeFlags } = await createWorkplace();
  const unknown = async () => (await crossfade(['report', '--json'])).json()['unknown'];
  expect(await unknown()).toEqual(
    expect.arrayContaining([
      'every move: the flag store remembers none',
      'what the APIs accept, and whether the drain is done: no meter responded',
      expect.stringContaining('crossfade verify'),
    ]),
  );
  await writeFlags('{ broken');
  expect(await unknown()).toContain('where the switches stand: the flag document in the store is broken');
});

test('writes one page without scripts, with every value escaped', async () => {
  const { crossfade, folder } = await createMovedWorkplace();
  const { exitCode, stdout } = await crossfade(['report', '--html', 'report.html'], OPERATOR);
  expect(exitCode).toBe(0);
  expect(stdout).toContain(join(folder, 'report.html'));
  const page = await readFile(join(folder, 'report.html'), 'utf8');
  expect(page).toContain('checkout errors &amp; more');
  expect(page).toContain('&lt;img src=x onerror=alert(1)&gt;');
  expect(page).not.toMatch(/<script|<img|https?:[^<]*\.(?:js|css)|javascript:| src=(?!x onerror)/);
});

test('says which file cannot be written', async () => {
  const { crossfade } = await createWorkplace();
  expect(await crossfade(['report', '--html', 'nowhere/report.html'])).toMatchObject({
    exitCode: 2,
    stderr: expect.stringContaining('--html: '),
  });
});
