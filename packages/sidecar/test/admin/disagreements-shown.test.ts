import { expect, test } from 'vitest';
import { readDisagreements } from '../../src/admin/disagreements-shown.ts';

const [verifiedAt, unverifiedAt] = ['2026-03-01T12:00:00.000Z', '2026-03-01T13:00:00.000Z'];

test('lists the reasons, the most frequent first, and says which tokens were verified', () => {
  const reasons = { foreign_audience: 2, malformed_token: 5, wrong_issuer: 1 };
  const disagreements = { reasons, lastVerifiedAt: verifiedAt, lastUnverifiedAt: unverifiedAt };
  expect(readDisagreements({ disagreements })).toEqual({
    reasons: [
      { reason: 'malformed_token', count: 5, isVerified: false },
      { reason: 'foreign_audience', count: 2, isVerified: true },
      { reason: 'wrong_issuer', count: 1, isVerified: false },
    ],
    lastVerifiedAt: verifiedAt,
    lastUnverifiedAt: unverifiedAt,
  });
});

test('lists nothing where the API accepts no token that the plan refuses', () => {
  const never = { lastVerifiedAt: null, lastUnverifiedAt: null };
  expect(readDisagreements({ disagreements: { reasons: {}, ...never } })).toEqual({ reasons: [], ...never });
});
