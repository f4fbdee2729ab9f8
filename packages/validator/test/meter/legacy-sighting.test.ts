import { expect, test } from 'vitest';
import { isLegacySeen, seenToken } from '../../src/meter/legacy-sighting.ts';
import { ACCEPTED, rejectedOf } from './judgement.ts';

test('an accepted token was seen, and so was a verified one that is rejected before it expires', () => {
  const rejected = rejectedOf('legacy', 'wrong_type');
  expect(seenToken(ACCEPTED)).toBe(ACCEPTED);
  expect(seenToken(rejected)).toBe(rejected.token);
});

test('an expired token, and one without times, was not seen', () => {
  expect(seenToken(rejectedOf('legacy', 'expired', { expired: true }))).toBeUndefined();
  expect(seenToken(rejectedOf('legacy', 'wrong_type', { expired: true }))).toBeUndefined();
  expect(seenToken({ outcome: 'rejected', audience: 'invalid', reason: 'bad_signature' })).toBeUndefined();
});

test.each([
  ['legacy', 'accepted', true],
  ['legacy', 'rejected', true],
  ['bridge', 'rejected', true],
  ['bridge', 'accepted', false],
  ['target', 'accepted', false],
  ['foreign', 'rejected', false],
] as const)('a %s token that is %s after a close counts as legacy seen: %s', (audience, afterClose, counts) => {
  expect(isLegacySeen(audience, afterClose)).toBe(counts);
});
