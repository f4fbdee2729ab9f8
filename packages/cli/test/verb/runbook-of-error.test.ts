import { UnavailableError } from '@crossfade/core';
import { expect, it } from 'vitest';
import { pointTo, runbookOfError, withRunbook } from '../../src/verb/runbook-of-error.ts';
import { createWorkplace, PLAN } from '../fixture/workplace.ts';

it('keeps the procedure that is named first, which is the nearest to the fault', async () => {
  const error = pointTo('sidecar-down', new UnavailableError('down'));
  await expect(withRunbook('flag-store-down', () => Promise.reject(error))).rejects.toBe(error);
  expect(runbookOfError(error)).toBe('sidecar-down');
});

it('leaves an error alone that is a bug', async () => {
  const bug = new TypeError('x is undefined');
  await expect(withRunbook('flag-store-down', () => Promise.reject(bug))).rejects.toBe(bug);
  expect(runbookOfError(bug)).toBeUndefined();
});

it('is printed, and stands in the error of --json', async () => {
  const { crossfade, writePlan } = await createWorkplace();
  await writePlan({ ...PLAN, flags: { source: 'file', path: './none.json' } });
  const { exitCode, stderr, ...result } = await crossfade(['history', '--json']);
  expect(exitCode).toBe(3);
  expect(stderr).toMatch(/none\.json does not exist[^\n]*\nRead on: crossfade runbook flag-store-down\n$/);
  expect(result.json()).toMatchObject({ error: { code: 'unavailable', runbook: 'flag-store-down' } });
});
