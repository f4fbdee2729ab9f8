import { expect, test } from 'vitest';
import {
  clientName,
  clientOf,
  count,
  emptyGroup,
  OTHERS,
  seenOf,
  timesOf,
} from '../../src/collector/judgement-group.ts';

test('keeps the number, the last time and the latest times of the tokens', () => {
  const group = emptyGroup();
  count(group, 10, 1_000, 2_000);
  count(group, 30, 900, 3_000);
  count(group, 40);
  expect(group).toEqual({ count: 3, lastSeenMs: 40, issuedAt: 1_000, expiresAt: 3_000 });
  expect(seenOf(group, 50.4)).toEqual({ count: 3, ageMs: 10 });
  expect(seenOf(group, 30)).toEqual({ count: 3, ageMs: 0 });
});

test('leaves out an unknown iat, and clamps times that JSON cannot represent', () => {
  expect(timesOf({ ...emptyGroup(), expiresAt: 1e300 })).toEqual({ expiresAt: Number.MAX_SAFE_INTEGER });
});

test('names a client, none, or those beyond the limit', () => {
  expect([clientOf('web-app'), clientOf(undefined), clientOf(OTHERS)]).toEqual([
    { clientId: 'web-app' },
    {},
    { others: true },
  ]);
  expect([clientName('x'.repeat(300))?.length, clientName(undefined)]).toEqual([256, undefined]);
});
