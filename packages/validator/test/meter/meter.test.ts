import { DEPENDENCIES, REJECTION_REASONS, UNVERIFIED_REASONS } from '@crossfade/core';
import { expect, test } from 'vitest';
import { createMeter } from '../../src/meter/meter.ts';
import { ACCEPTED, rejectedOf } from './judgement.ts';

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
  meter.count(rejectedOf('legacy', 'expired', { expired: true }), 5_000);
  meter.count(rejectedOf('bridge', 'wrong_type', { expired: true }), 5_000);
  expect(meter.audience('legacy')).toMatchObject({
    rejected: 1,
    lastSeenMs: 0,
    latestIssuedSeconds: 0,
    latestExpirySeconds: 0,
  });
  expect(meter.rejections('expired')).toBe(1);
});

test.each(REJECTION_REASONS.filter((reason) => reason !== 'expired'))(
  'a verified, unexpired legacy token that is rejected with %s counts as seen: the API may take it',
  (reason) => {
    const meter = createMeter();
    meter.count(rejectedOf('legacy', reason), 5_000);
    expect(meter.audience('legacy')).toMatchObject({
      accepted: 0,
      rejected: 1,
      lastSeenMs: 5_000,
      latestIssuedSeconds: 1_000,
      latestExpirySeconds: 2_000,
    });
  },
);

test('an accepted bridge token shows that the meter sees target tokens, and counts as legacy seen if a close would refuse it', () => {
  const meter = createMeter();
  meter.count({ ...ACCEPTED, audience: 'bridge', afterClose: 'accepted' }, 5_000);
  expect(meter.audience('bridge')).toMatchObject({ accepted: 1, lastSeenMs: 5_000, latestIssuedSeconds: 1_000 });
  expect(meter.audience('target')).toMatchObject({ accepted: 0, lastSeenMs: 5_000, latestIssuedSeconds: 0 });
  expect(meter.audience('legacy').lastSeenMs).toBe(0);
  meter.count({ ...ACCEPTED, audience: 'bridge', afterClose: 'rejected' }, 6_000);
  expect(meter.audience('target').lastSeenMs).toBe(6_000);
  expect(meter.audience('legacy')).toMatchObject({
    accepted: 0,
    lastSeenMs: 6_000,
    latestIssuedSeconds: 1_000,
    latestExpirySeconds: 2_000,
  });
});

test('a rejected bridge token counts as legacy seen if a close would refuse it, and never as target traffic', () => {
  const meter = createMeter();
  meter.count(rejectedOf('bridge', 'proof_required', { afterClose: 'accepted' }), 5_000);
  expect([meter.audience('bridge').lastSeenMs, meter.audience('legacy').lastSeenMs]).toEqual([5_000, 0]);
  meter.count(rejectedOf('bridge', 'wrong_type', { afterClose: 'rejected' }), 6_000);
  expect([meter.audience('bridge').lastSeenMs, meter.audience('legacy').lastSeenMs]).toEqual([6_000, 6_000]);
  expect(meter.audience('target').lastSeenMs).toBe(0);
});

test('a rejected target token does not show that target tokens work', () => {
  const meter = createMeter();
  meter.count(rejectedOf('target', 'proof_required'), 5_000);
  expect(meter.audience('target')).toMatchObject({ rejected: 1, lastSeenMs: 0 });
});

test.each(['legacy', 'bridge'] as const)(
  'a rejected %s token that is reported without its times counts as legacy seen, unless it has expired',
  (audience) => {
    const meter = createMeter();
    meter.count({ outcome: 'rejected', audience, reason: 'expired' }, 4_000);
    expect(meter.audience('legacy').lastSeenMs).toBe(0);
    meter.count({ outcome: 'rejected', audience, reason: 'wrong_type' }, 5_000);
    expect(meter.audience('legacy')).toMatchObject({ lastSeenMs: 5_000, latestIssuedSeconds: 0 });
  },
);

test.each([
  ['none', 'missing_token'],
  ['opaque', 'malformed_token'],
  ['invalid', 'bad_signature'],
  ['foreign', 'wrong_audience'],
] as const)('a rejected token of class %s counts as seen', (audience, reason) => {
  const meter = createMeter();
  meter.count({ outcome: 'rejected', audience, reason }, 7_000);
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

  meter.countUnavailable(7_000, 2, 'revocation');
  expect(meter.unavailable()).toBe(3);
  expect(DEPENDENCIES.map((cause) => meter.unavailable(cause))).toEqual([1, 0, 2, 0]);
});

test('counts valid tokens that the API refused, by audience', () => {
  const meter = createMeter();
  expect(meter.lastValidUnauthorizedMs()).toBeNull();
  meter.countValidUnauthorized('target', 9_000);
  expect(meter.audience('target').validUnauthorized).toBe(1);
  expect(meter.lastValidUnauthorizedMs()).toBe(9_000);
});

test('counts disagreements by reason, and tells verified tokens from those that anyone can send', () => {
  const meter = createMeter();
  expect([meter.lastDisagreementMs('verified'), meter.lastDisagreementMs('unverified')]).toEqual([null, null]);
  for (const audience of ['legacy', 'target', 'bridge', 'foreign'] as const)
    meter.countDisagreement({ audience, reason: 'wrong_type' }, 5_000);
  expect([meter.lastDisagreementMs('verified'), meter.lastDisagreementMs('unverified')]).toEqual([5_000, null]);
  meter.countDisagreement({ audience: 'opaque', reason: 'malformed_token' }, 7_000, 3);
  meter.countDisagreement({ audience: 'invalid', reason: 'bad_signature' }, 6_000);
  expect([meter.lastDisagreementMs('verified'), meter.lastDisagreementMs('unverified')]).toEqual([5_000, 7_000]);
  const reasons = ['wrong_type', 'malformed_token', 'bad_signature', 'expired'] as const;
  expect(reasons.map((reason) => meter.disagreements(reason))).toEqual([4, 3, 1, 0]);
});

test('an acknowledged reason against an unverifiable token is no disagreement, against a verified one it still is', () => {
  const meter = createMeter(UNVERIFIED_REASONS);
  for (const reason of UNVERIFIED_REASONS) {
    meter.countDisagreement({ audience: 'invalid', reason }, 5_000);
    expect(meter.disagreements(reason)).toBe(0);
    meter.countDisagreement({ audience: 'legacy', reason }, 5_000);
    expect(meter.disagreements(reason)).toBe(1);
  }
  expect([meter.lastDisagreementMs('verified'), meter.lastDisagreementMs('unverified')]).toEqual([5_000, null]);
});

test('keeps when the API last took and last refused the tokens of a side', () => {
  const meter = createMeter();
  expect(meter.apiResponseMs('legacy', 'accepted')).toBeNull();
  meter.noteApiResponse('legacy', 'accepted', 6_000);
  meter.noteApiResponse('legacy', 'accepted', 5_000);
  meter.noteApiResponse('legacy', 'unauthorized', 7_000);
  expect([meter.apiResponseMs('legacy', 'accepted'), meter.apiResponseMs('legacy', 'unauthorized')]).toEqual([
    6_000, 7_000,
  ]);
  expect(meter.apiResponseMs('target', 'accepted')).toBeNull();
});
