import { AUDIENCE_CLASSES, REJECTION_REASONS } from '@crossfade/core';
import { DURATION_BOUNDS_SECONDS } from '@crossfade/validator/collector';
import { expect, test } from 'vitest';
import { readBatch } from '../../src/collect/read-batch.ts';
import { batchText, headOf, LEGACY_RECORD } from '../fixture/batch.ts';

const DURATIONS = {
  kind: 'durations',
  outcome: 'accepted',
  counts: Array.from({ length: DURATION_BOUNDS_SECONDS.length + 1 }, () => 1),
  sumSeconds: 0.5,
};

const TOKEN = { afterClose: 'rejected', clientId: 'web-app', issuedAt: 1_000, expiresAt: 2_000, expired: false };
const REJECTED = { kind: 'rejected', audience: 'legacy', reason: 'wrong_type', count: 1, ageMs: 0 };

test('reads every kind of record, each audience and each reason', () => {
  const records = [
    LEGACY_RECORD,
    { ...LEGACY_RECORD, clientId: undefined, others: true },
    ...AUDIENCE_CLASSES.flatMap((audience) =>
      REJECTION_REASONS.map((reason) => ({ kind: 'rejected', audience, reason, count: 1, ageMs: 0 })),
    ),
    ...['rejected', 'disagreement'].flatMap((kind) => [
      { kind, audience: 'bridge', reason: 'wrong_type', token: TOKEN, count: 1, ageMs: 0 },
      {
        kind,
        audience: 'legacy',
        reason: 'expired',
        token: { ...TOKEN, expired: true, others: true },
        count: 1,
        ageMs: 0,
      },
    ]),
    { ...LEGACY_RECORD, audience: 'bridge' },
    { kind: 'response', audience: 'legacy', response: 'accepted', count: 2, ageMs: 0.5 },
    { kind: 'response', audience: 'target', response: 'unauthorized', count: 2, ageMs: 0.5 },
    { kind: 'unauthorized', audience: 'bridge', count: 2, ageMs: 0.5 },
    { kind: 'unavailable', count: 3, ageMs: 0 },
    DURATIONS,
  ];
  const head = { name: 'orders-api-1', closing: true } as const;
  expect(readBatch(batchText(head, ...records))).toEqual({
    batch: { head: headOf(head), records: JSON.parse(JSON.stringify(records)) },
  });
});

test('reads a batch of version 1, whose records say less', () => {
  const rejected = { kind: 'rejected', audience: 'legacy', reason: 'wrong_type', count: 1, ageMs: 0 };
  expect(readBatch(batchText({ version: 1 }, LEGACY_RECORD, rejected))).toEqual({
    batch: { head: headOf({ version: 1 }), records: [LEGACY_RECORD, rejected] },
  });
});

test('accepts a batch of a head alone: it shows that the sender is alive', () => {
  expect(readBatch(batchText({}))).toEqual({ batch: { head: headOf(), records: [] } });
});

test.each([
  ['an empty text', '', 1, '', 'one JSON object'],
  ['text that is not JSON', 'hello\n', 1, '', 'one JSON object'],
  ['a list', '[]\n', 1, '', 'the head of the batch'],
  ['another version', batchText({ version: 3 as 2 }), 1, 'version', 'must be one of 1, 2'],
  ['a sender that can be guessed', batchText({ sender: 'me' }), 1, 'sender', '16 to 64'],
  ['a fractional sequence', batchText({ sequence: 1.5 }), 1, 'sequence', 'a whole number from 1'],
  [
    'a sequence that is acknowledged already',
    batchText({ sequence: 3, acknowledged: 3 }),
    1,
    'acknowledged',
    'below sequence',
  ],
  ['an unknown acceptance', batchText({ acceptance: 'all' as 'both' }), 1, 'acceptance', 'legacy, both, target'],
  ['an unknown field', batchText({}, { ...LEGACY_RECORD, token: 'secret' }), 2, '', 'an unknown field'],
  ['an unknown kind', batchText({}, { kind: 'secret' }), 2, 'kind', 'accepted, rejected, disagreement'],
  ['an unknown audience', batchText({}, { ...LEGACY_RECORD, audience: 'secret' }), 2, 'audience', 'legacy, target'],
  [
    'an accepted token of class invalid',
    batchText({}, { ...LEGACY_RECORD, audience: 'invalid' }),
    2,
    'audience',
    'legacy, target',
  ],
  [
    'an unknown reason',
    batchText({}, LEGACY_RECORD, { kind: 'rejected', audience: 'invalid', reason: 'secret', count: 1, ageMs: 0 }),
    3,
    'reason',
    'missing_token, malformed_token',
  ],
  ['a count of 0', batchText({}, { ...LEGACY_RECORD, count: 0 }), 2, 'count', 'a whole number from 1'],
  ['a negative age', batchText({}, { ...LEGACY_RECORD, ageMs: -1 }), 2, 'ageMs', 'a number from 0'],
  [
    'a client id for a target token',
    batchText({}, { ...LEGACY_RECORD, audience: 'target' }),
    2,
    'clientId',
    'left out',
  ],
  [
    'a client id that is too long',
    batchText({}, { ...LEGACY_RECORD, clientId: 'x'.repeat(257) }),
    2,
    'clientId',
    'at most 256',
  ],
  [
    'a rejected token without its state',
    batchText({}, { ...REJECTED, token: { ...TOKEN, expired: 'secret' } }),
    2,
    'token.expired',
    'true or false',
  ],
  ['a rejected token in no object', batchText({}, { ...REJECTED, token: 'secret' }), 2, 'token', 'an object'],
  [
    'a response about a bridge token',
    batchText({}, { kind: 'response', audience: 'bridge', response: 'accepted', count: 1, ageMs: 0 }),
    2,
    'audience',
    'legacy, target',
  ],
  ['missing buckets', batchText({}, { ...DURATIONS, counts: [1] }), 2, 'counts', 'a list of 15 counts'],
  ['an empty line', `${batchText({})}\n${batchText({})}`, 2, '', 'one JSON object'],
])('rejects %s, and names the line and field without the value', (_name, text, line, field, message) => {
  const read = readBatch(text);
  expect(read).toMatchObject({ problem: { line, field, message: expect.stringContaining(message) } });
  expect(JSON.stringify(read)).not.toContain('secret');
});
