import { rm } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { startSidecar } from '../fixture/sidecar.ts';
import { createWorkplace, PLAN } from '../fixture/workplace.ts';

test('lists who moved what, when and why, newest first', async () => {
  const { crossfade, writePlan, writeFlags, flagsPath } = await createWorkplace();
  await writeFlags({ 'issue-target': { enabled: true, percent: 50, revision: '3' } });
  const sidecar = await startSidecar(flagsPath);
  await writePlan({ ...PLAN, gate: { sidecars: [sidecar.url] } });
  const env = { CROSSFADE_OPERATOR: 'alice' };
  expect(await crossfade(['rollback', '--reason', 'checkout errors'], { env })).toMatchObject({ exitCode: 0 });
  const { exitCode, stdout } = await crossfade(['history']);
  expect(exitCode).toBe(0);
  expect(stdout).toMatch(/orders-2026: 1 move\n/);
  expect(stdout).toMatch(/revision 4 .*: 50% both -> 0% both, rollback by alice, because checkout errors\n/);
  expect((await crossfade(['history', '--json'])).json()).toMatchObject({
    moves: [
      {
        ...{ verb: 'rollback', operator: 'alice', reason: 'checkout errors', state: 'written', revision: '4' },
        ...{ from: { percent: 50, acceptance: 'both' }, to: { percent: 0, acceptance: 'both' } },
      },
    ],
  });
});

test('lists the moves of a flag file that is gone', async () => {
  const { crossfade, flagsPath } = await createWorkplace();
  await crossfade(['rollback']);
  await rm(flagsPath);
  const { exitCode, stdout, stderr } = await crossfade(['history']);
  expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: expect.stringContaining('rollback by') });
  expect(stderr).toMatch(/^Whether a brownout is under way is not known: .*does not exist/);
});

test('says that the store remembers none', async () => {
  const { crossfade } = await createWorkplace();
  expect((await crossfade(['history'])).stdout).toContain('The flag store remembers none.');
});

test.each(['0', '1001', 'all', '-1'])('refuses the limit %s', async (limit) => {
  const { crossfade } = await createWorkplace();
  expect(await crossfade(['history', '--limit', limit])).toMatchObject({
    exitCode: 2,
    stderr: expect.stringContaining('--limit: must be a whole number from 1 to 1000'),
  });
});
