import { DEFAULT_FLAG_DOCUMENT, type DrainPlan, drainVerdict, RUNBOOK_OF_CHECK } from '@crossfade/core';
import type { SidecarStatus } from '@crossfade/core/status';
import { createMeter } from '@crossfade/validator/meter';
import { expect, test } from 'vitest';
import { readDrainOutlook } from '../../src/admin/drain-outlook.ts';
import { readStatus } from '../../src/meter/status.ts';
import { createSettableFlags } from '../fixture/flags.ts';
import { ACCEPTED, rejectedOf } from '../fixture/judgement.ts';

const HOUR = 3_600_000;
const PLAN: DrainPlan = {
  legacy: { issuer: 'https://idp.example.com', scope: '', tokenLifetimeMs: HOUR, sessionLifetimeMs: 10 * HOUR },
  gate: { silenceMs: HOUR, coverage: 1 },
  clockToleranceMs: 0,
};

function statusAt(
  percent: number,
  sinceMs: number,
  count: (meter: ReturnType<typeof createMeter>) => void,
): SidecarStatus {
  const flags = createSettableFlags();
  const issuance = { enabled: percent > 0, percent, revision: '7', sinceMs };
  flags.set({ document: { ...DEFAULT_FLAG_DOCUMENT, issuance }, stale: false, revision: '7' });
  const meter = createMeter();
  count(meter);
  return readStatus({
    ...{ migration: 'm', service: 's', flags, meter, startedAtMs: 0, process: 'a3c1', version: '0', keys: () => [] },
    acceptance: () => 'both',
    shown: () => ({ legacy: true, target: true }),
    isPrepared: () => true,
  });
}

const legacy = (atMs: number) => ({ ...ACCEPTED, issuedAt: atMs / 1000, expiresAt: (atMs + HOUR) / 1000 });
const target = { ...ACCEPTED, audience: 'target', afterClose: 'accepted' } as const;

test('reports the verdict of the gate for one meter, and the check that passes last', () => {
  const now = 12 * HOUR;
  const status = statusAt(100, HOUR, (meter) => {
    meter.count(legacy(11 * HOUR), 11.5 * HOUR);
    meter.count(target, 11.9 * HOUR);
  });
  const outlook = readDrainOutlook(status, PLAN, now);
  const verdict = drainVerdict(
    {
      issuance: { enabled: true, percent: 100, revision: '7', sinceMs: HOUR },
      expectedMeters: 1,
      meters: [
        {
          meter: 'this sidecar',
          watchedSinceMs: 0,
          legacy: { lastSeenMs: 11.5 * HOUR, latestIssuedMs: 11 * HOUR, latestExpiryMs: 12 * HOUR },
          target: { lastSeenMs: 11.9 * HOUR },
          lastValidUnauthorizedMs: null,
          disagreements: { lastVerifiedMs: null, lastUnverifiedMs: null, reasons: {} },
        },
      ],
    },
    PLAN,
    now,
  );
  expect(outlook.verdict).toBe('fail');
  expect(outlook.checks).toEqual(
    verdict.checks.map(({ name, verdict: result, detail }) => ({
      name,
      verdict: result,
      detail,
      runbook: RUNBOOK_OF_CHECK[name],
    })),
  );
  expect(outlook.earliestPassAt).toBe('1970-01-01T22:00:00.000Z');
  expect(outlook.eta).toBe('1970-01-01T22:00:00Z (in 10h), if no legacy token is seen again');
  expect(outlook.because).toBe('the last legacy issuance (a token seen) was 1h ago; its sessions and tokens live 11h');
});

test('notes the open connections of legacy tokens, without another verdict', () => {
  const status = statusAt(100, HOUR, (meter) => meter.count(target, 11.9 * HOUR));
  const outlook = readDrainOutlook(status, PLAN, 12 * HOUR);
  expect(outlook.notes).toEqual([]);
  const open = { ...status, openConnections: { legacy: 2, target: 0, bridge: 0 } };
  const { notes, ...verdict } = readDrainOutlook(open, PLAN, 12 * HOUR);
  expect({ ...verdict, notes: [] }).toEqual(outlook);
  expect(notes).toEqual([expect.stringMatching(/^2 connections opened with legacy tokens/)]);
});

test('names a check that time alone does not pass before all others', () => {
  const outlook = readDrainOutlook(
    statusAt(50, HOUR, (meter) => meter.count(target, HOUR)),
    PLAN,
    2 * HOUR,
  );
  expect(outlook).toMatchObject({ verdict: 'fail', earliestPassAt: null });
  expect(outlook.because).toContain('50% of logins ask for the target audience');
  expect(outlook.eta).toBe('begins when every login asks for target, and takes at least 11h');
});

test('begins the watch again after a token that could not be judged', () => {
  const blind = statusAt(100, 0, (meter) => meter.countUnavailable(100 * HOUR));
  expect(readDrainOutlook(blind, PLAN, 101 * HOUR).checks.find(({ name }) => name === 'watched')).toMatchObject({
    verdict: 'inconclusive',
  });
});

test('fails while the API accepts a verified token that the plan refuses, and names its reason', () => {
  const status = statusAt(100, 0, (meter) => {
    meter.count(target, 99 * HOUR);
    meter.countDisagreement(rejectedOf('target', 'foreign_audience'), 98.5 * HOUR, 3);
  });
  const outlook = readDrainOutlook(status, PLAN, 100 * HOUR);
  expect(outlook).toMatchObject({ verdict: 'fail', earliestPassAt: '1970-01-05T04:30:00.000Z' });
  expect(outlook.because).toContain('foreign_audience 3; last 1h 30m ago');
  expect(readDrainOutlook(status, PLAN, 100.5 * HOUR).verdict).toBe('pass');
});

test('is inconclusive while the API accepts a token that cannot be verified', () => {
  const status = statusAt(100, 0, (meter) => {
    meter.count(target, 99 * HOUR);
    meter.countDisagreement({ audience: 'opaque', reason: 'malformed_token' }, 98.5 * HOUR);
  });
  const outlook = readDrainOutlook(status, PLAN, 100 * HOUR);
  expect(outlook.verdict).toBe('inconclusive');
  expect(outlook.because).toContain('malformed_token 1');
  expect(readDrainOutlook(status, PLAN, 100.5 * HOUR).verdict).toBe('pass');
});

test('names no check once everything is drained', () => {
  const status = statusAt(100, 0, (meter) => meter.count(target, 99 * HOUR));
  expect(readDrainOutlook(status, PLAN, 100 * HOUR)).toMatchObject({ verdict: 'pass', because: null });
});
