import { expect, it } from 'vitest';
import { describeUpstreamFailures } from '../../src/fleet/upstream-failures.ts';
import { startSidecar } from '../fixture/sidecar.ts';
import { createWorkplace, NOW_MS, PLAN } from '../fixture/workplace.ts';

const failed = (lastMs: number, failures = 3) => ({ upstream: { failures, lastMs, lastCode: 'ECONNREFUSED' } });

it('describes failures of the last 5 minutes', () => {
  expect(describeUpstreamFailures(failed(NOW_MS - 12_000), NOW_MS)).toBe(
    'the API failed 3 requests of the sidecar, the last one 12s ago (ECONNREFUSED)',
  );
  expect(describeUpstreamFailures(failed(NOW_MS - 12_000, 1), NOW_MS)).toContain('1 request of');
  expect(describeUpstreamFailures(failed(NOW_MS + 50), NOW_MS)).toContain('the last one 0ms ago');
  expect(describeUpstreamFailures(failed(NOW_MS - 301_000), NOW_MS)).toBeUndefined();
  expect(describeUpstreamFailures({ upstream: null }, NOW_MS)).toBeUndefined();
});

it.each([
  [12_000, true],
  [3_600_000, false],
])('status and doctor name what failed %i ms ago: %s', async (agoMs, named) => {
  const sidecar = await startSidecar();
  Object.assign(sidecar.status, {
    upstream: { failures: 3, lastFailureAt: new Date(NOW_MS - agoMs).toISOString(), lastCode: 'ECONNREFUSED' },
  });
  const { crossfade, writeFlags } = await createWorkplace({ ...PLAN, gate: { sidecars: [sidecar.url] } });
  await writeFlags({});
  const now = () => NOW_MS;
  const text = 'the API failed 3 requests of the sidecar';
  expect((await crossfade(['status'], { now })).stdout.includes(text)).toBe(named);
  expect((await crossfade(['doctor'], { now })).stdout.includes(text)).toBe(named);
});
