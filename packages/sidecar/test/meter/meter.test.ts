import type { RejectedJudgement } from '@crossfade/core';
import { expect, test } from 'vitest';
import { createMeter } from '../../src/meter/meter.ts';
import { ACCEPTED } from '../fixture/judgement.ts';

const rejected = (audience: RejectedJudgement['audience'], reason: RejectedJudgement['reason']): RejectedJudgement => ({
  outcome: 'rejected',
  audience,
  reason,
});

test('counts accepted tokens and keeps their latest times', () => {
  const meter = createMeter();
  meter.count(ACCEPTED, 5_000);
  meter.count({ ...ACCEPTED, issuedAt: 900, expiresAt: 1_900 }, 4_000);
  meter.count({ ...ACCEPTED, issuedAt: undefined, expiresAt: 3_000 }, 6_000);
  expect(meter.audience('legacy')).toEqual({
    accepted: 3,
    rejected: 0,
    lastSeenMs: 6_000,
    latestIssuedSeconds: 1_000,
    latestExpirySeconds: 3_000,
    validUnauthorized: 0,
  });
  expect(meter.afterCloseRejections()).toBe(3);
  expect(meter.audience('target').accepted).toBe(0);
});

test('a replayed token that has expired does not hold a drain open', () => {
  const meter = createMeter();
  meter.count(rejected('legacy', 'expired'), 5_000);
  expect(meter.audience('legacy')).toMatchObject({
    rejected: 1,
    lastSeenMs: 0,
    latestIssuedSeconds: 0,
    latestExpirySeconds: 0,
  });
  expect(meter.rejections('expired')).toBe(1);
});

test('a valid legacy token that is rejected after the close counts as seen', () => {
  const meter = createMeter();
  meter.count(rejected('legacy', 'legacy_closed'), 5_000);
  expect(meter.audience('legacy')).toMatchObject({ accepted: 0, rejected: 1, lastSeenMs: 5_000 });
});

test.each(['proof_required', 'proof_invalid'] as const)(
  'a legacy token that is rejected with %s counts as seen: the API, which can check the proof, may accept it',
  (reason) => {
    const meter = createMeter();
    meter.count(rejected('legacy', reason), 5_000);
    expect(meter.audience('legacy')).toMatchObject({ accepted: 0, rejected: 1, lastSeenMs: 5_000 });
  },
);

test.each([
  ['none', 'missing_token'],
  ['opaque', 'malformed_token'],
  ['invalid', 'bad_signature'],
  ['foreign', 'wrong_audience'],
] as const)('a rejected token of class %s counts as seen', (audience, reason) => {
  const meter = createMeter();
  meter.count(rejected(audience, reason), 7_000);
  expect(meter.audience(audience)).toMatchObject({ rejected: 1, lastSeenMs: 7_000 });
  expect(meter.rejections(reason)).toBe(1);
});

test('a token that could not be judged counts as invalid, without a reason', () => {
  const meter = createMeter();
  expect(meter.lastUnavailableMs()).toBeNull();
  meter.countUnavailable(8_000);
  expect(meter.audience('invalid')).toMatchObject({ rejected: 1, lastSeenMs: 0 });
  expect(meter.unavailable()).toBe(1);
  expect(meter.lastUnavailableMs()).toBe(8_000);
});

test('counts valid tokens to which the API responded 401, by audience', () => {
  const meter = createMeter();
  expect(meter.lastValidUnauthorizedMs()).toBeNull();
  meter.countValidUnauthorized('target', 9_000);
  expect(meter.audience('target').validUnauthorized).toBe(1);
  expect(meter.lastValidUnauthorizedMs()).toBe(9_000);
});
