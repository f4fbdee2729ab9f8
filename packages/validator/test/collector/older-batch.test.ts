import { expect, it } from 'vitest';
import { olderBatch } from '../../src/collector/older-batch.ts';

const HEAD = { version: 2, sender: 'x'.repeat(16), sequence: 3, acknowledged: 2, acceptance: 'both', lost: 0 };
const textOf = (...lines: readonly object[]) => lines.map((line) => `${JSON.stringify(line)}\n`).join('');
const token = { afterClose: 'rejected', clientId: 'nightly', expiresAt: 9, expired: false };
const refused = { kind: 'rejected', audience: 'legacy', reason: 'brownout', token, count: 3, ageMs: 5 };
const expired = { kind: 'rejected', audience: 'legacy', reason: 'expired', count: 1, ageMs: 5 };

it("counts a brownout's refusals as those of a close, with all that is known of the token", () => {
  expect(olderBatch(textOf(HEAD, expired, refused))).toBe(
    textOf(HEAD, expired, { ...refused, reason: 'legacy_closed' }),
  );
});

it('leaves out a disagreement about a brownout', () => {
  expect(olderBatch(textOf(HEAD, { ...refused, kind: 'disagreement' }, expired))).toBe(textOf(HEAD, expired));
});

it('is nothing else where an older collector reads all of it', () => {
  expect(olderBatch(textOf(HEAD, expired))).toBeUndefined();
  expect(olderBatch(textOf(HEAD))).toBeUndefined();
});
