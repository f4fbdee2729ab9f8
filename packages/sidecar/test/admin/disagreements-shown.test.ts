import { expect, test } from 'vitest';
import { readDisagreements } from '../../src/admin/disagreements-shown.ts';

const [verifiedAt, unverifiedAt] = ['2026-03-01T12:00:00.000Z', '2026-03-01T13:00:00.000Z'];
const check = { name: 'disagreements', verdict: 'fail', detail: '', runbook: 'disagreements' } as const;

test('lists the reasons, the most frequent first, and says which tokens were verified', () => {
  const reasons = { foreign_audience: 2, malformed_token: 5, wrong_issuer: 1 };
  const disagreements = { reasons, lastVerifiedAt: verifiedAt, lastUnverifiedAt: unverifiedAt };
  expect(readDisagreements({ disagreements }, { checks: [check] })).toEqual({
    reasons: [
      expect.objectContaining({ reason: 'malformed_token', count: 5, isVerified: false }),
      expect.objectContaining({ reason: 'foreign_audience', count: 2, isVerified: true }),
      expect.objectContaining({ reason: 'wrong_issuer', count: 1, isVerified: false }),
    ],
    lastVerifiedAt: verifiedAt,
    lastUnverifiedAt: unverifiedAt,
    verdict: 'fail',
  });
});

test('lists nothing where the API accepts no token that the plan refuses', () => {
  const never = { lastVerifiedAt: null, lastUnverifiedAt: null };
  expect(readDisagreements({ disagreements: { reasons: {}, ...never } }, { checks: [] })).toEqual({
    reasons: [],
    ...never,
    verdict: 'inconclusive',
  });
});
