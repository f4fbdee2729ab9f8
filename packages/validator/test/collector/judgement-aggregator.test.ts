import { AUDIENCE_CLASSES, REJECTION_REASONS } from '@crossfade/core';
import { expect, test } from 'vitest';
import { createJudgementAggregator } from '../../src/collector/judgement-aggregator.ts';
import { EXPIRED, LEGACY, rejectedOf, TARGET } from './judgements.ts';

test('counts like judgements together, with the newest of each time', () => {
  const aggregator = createJudgementAggregator();
  aggregator.add(LEGACY, 10);
  aggregator.add({ ...LEGACY, issuedAt: 1_500, expiresAt: 1_900 }, 30);
  aggregator.add({ ...LEGACY, clientId: undefined, issuedAt: undefined }, 20);
  aggregator.add(TARGET, 40);
  aggregator.add({ ...TARGET, audience: 'bridge', clientId: 'other', afterClose: 'rejected' }, 50);
  aggregator.add(EXPIRED, 60);
  aggregator.addUnavailable('introspection', 70);
  expect(aggregator.judgements()).toBe(7);
  const { judgements, records } = aggregator.seal();
  expect(judgements).toBe(7);
  const legacy = { kind: 'accepted', audience: 'legacy', afterClose: 'rejected' };
  expect(records(100)).toEqual([
    { ...legacy, clientId: 'web-app', issuedAt: 1_500, expiresAt: 2_000, count: 2, ageMs: 70 },
    { ...legacy, expiresAt: 2_000, count: 1, ageMs: 80 },
    { ...legacy, audience: 'target', afterClose: 'accepted', issuedAt: 1_000, expiresAt: 2_000, count: 1, ageMs: 60 },
    { ...legacy, audience: 'bridge', clientId: 'other', issuedAt: 1_000, expiresAt: 2_000, count: 1, ageMs: 50 },
    { kind: 'rejected', audience: 'legacy', reason: 'expired', count: 1, ageMs: 40 },
    { kind: 'unavailable', cause: 'introspection', count: 1, ageMs: 30 },
  ]);
  expect([aggregator.judgements(), aggregator.isEmpty(), aggregator.seal().records(0)]).toEqual([0, true, []]);
});

test('distinguishes every audience and reason', () => {
  const aggregator = createJudgementAggregator();
  for (const audience of AUDIENCE_CLASSES) {
    for (const reason of REJECTION_REASONS) aggregator.add({ outcome: 'rejected', audience, reason }, 0);
  }
  const records = aggregator.seal().records(0);
  expect(new Set(records.map((record) => JSON.stringify(record))).size).toBe(
    AUDIENCE_CLASSES.length * REJECTION_REASONS.length,
  );
});

test('limits the number and length of client names, and counts all', () => {
  const aggregator = createJudgementAggregator(2);
  for (const clientId of ['a', 'b', 'c', 'd', 'a', 'x'.repeat(300)]) aggregator.add({ ...LEGACY, clientId }, 0);
  expect(aggregator.seal().records(0)).toMatchObject([
    { clientId: 'a', count: 2 },
    { clientId: 'b', count: 1 },
    { others: true, count: 3 },
  ]);
  aggregator.add({ ...LEGACY, clientId: 'x'.repeat(300) }, 0);
  aggregator.add({ ...LEGACY, clientId: 'x'.repeat(300) }, 0);
  expect(aggregator.seal().records(0)).toMatchObject([{ clientId: 'x'.repeat(256), count: 2 }]);
});

test('clamps times that JSON cannot represent', () => {
  const aggregator = createJudgementAggregator();
  aggregator.add({ ...LEGACY, issuedAt: Number.POSITIVE_INFINITY, expiresAt: 1e300 }, 0);
  expect(aggregator.seal().records(0)).toMatchObject([
    { issuedAt: Number.MAX_SAFE_INTEGER, expiresAt: Number.MAX_SAFE_INTEGER },
  ]);
});

test('sorts durations into buckets, and ignores invalid ones', () => {
  const aggregator = createJudgementAggregator();
  for (const seconds of [0, 0.000_01, 0.002, 7, -1, Number.NaN, Number.POSITIVE_INFINITY]) {
    aggregator.addDuration('accepted', seconds);
  }
  expect(aggregator.isEmpty()).toBe(false);
  expect(aggregator.seal().records(0)).toEqual([
    {
      kind: 'durations',
      outcome: 'accepted',
      counts: [2, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 1],
      sumSeconds: 7.00201,
    },
  ]);
});

test('counts 401s to valid tokens by audience', () => {
  const aggregator = createJudgementAggregator();
  aggregator.addUnauthorized('legacy', 1);
  aggregator.addUnauthorized('target', 2);
  aggregator.addUnauthorized('target', 3);
  expect(aggregator.isEmpty()).toBe(false);
  expect(aggregator.seal().records(5)).toEqual([
    { kind: 'unauthorized', audience: 'legacy', count: 1, ageMs: 4 },
    { kind: 'unauthorized', audience: 'target', count: 2, ageMs: 2 },
  ]);
});

test('says of verified tokens that were rejected whose they are, where a close concerns their client', () => {
  const aggregator = createJudgementAggregator();
  aggregator.add(rejectedOf('legacy', 'wrong_type'), 10);
  aggregator.add(rejectedOf('legacy', 'wrong_type', { issuedAt: 1_500 }), 20);
  aggregator.add(rejectedOf('legacy', 'wrong_type', { clientId: 'cli', issuedAt: undefined }), 30);
  aggregator.add(rejectedOf('bridge', 'wrong_type', { afterClose: 'accepted' }), 30);
  aggregator.add(rejectedOf('legacy', 'expired', { expired: true }), 40);
  aggregator.add(rejectedOf('target', 'wrong_type'), 50);
  const rejected = { kind: 'rejected', audience: 'legacy', reason: 'wrong_type', count: 1 };
  const token = { afterClose: 'rejected', issuedAt: 1_000, expiresAt: 2_000, expired: false };
  expect(aggregator.judgements()).toBe(6);
  expect(aggregator.seal().records(100)).toEqual([
    { ...rejected, token: { ...token, clientId: 'web-app', issuedAt: 1_500 }, count: 2, ageMs: 80 },
    { ...rejected, token: { afterClose: 'rejected', clientId: 'cli', expiresAt: 2_000, expired: false }, ageMs: 70 },
    { ...rejected, audience: 'bridge', token: { ...token, clientId: 'web-app', afterClose: 'accepted' }, ageMs: 70 },
    { ...rejected, reason: 'expired', token: { ...token, expired: true }, ageMs: 60 },
    { ...rejected, audience: 'target', token, ageMs: 50 },
  ]);
});

test('counts disagreements and responses apart from judgements', () => {
  const aggregator = createJudgementAggregator();
  aggregator.addDisagreement(rejectedOf('foreign', 'wrong_audience'), 10);
  aggregator.addDisagreement({ outcome: 'rejected', audience: 'opaque', reason: 'malformed_token' }, 20);
  aggregator.addDisagreement({ outcome: 'rejected', audience: 'opaque', reason: 'malformed_token' }, 30);
  aggregator.addResponse('legacy', 'accepted', 40);
  aggregator.addResponse('legacy', 'accepted', 50);
  aggregator.addResponse('target', 'unauthorized', 60);
  expect([aggregator.judgements(), aggregator.isEmpty()]).toEqual([0, false]);
  const token = { afterClose: 'rejected', clientId: 'web-app', issuedAt: 1_000, expiresAt: 2_000, expired: false };
  expect(aggregator.seal().records(100)).toEqual([
    { kind: 'disagreement', audience: 'foreign', reason: 'wrong_audience', token, count: 1, ageMs: 90 },
    { kind: 'disagreement', audience: 'opaque', reason: 'malformed_token', count: 2, ageMs: 70 },
    { kind: 'response', audience: 'legacy', response: 'accepted', count: 2, ageMs: 50 },
    { kind: 'response', audience: 'target', response: 'unauthorized', count: 1, ageMs: 40 },
  ]);
});
