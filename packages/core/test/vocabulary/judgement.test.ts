import { expect, it } from 'vitest';
import { attachRejectedToken, type RejectedJudgement } from '../../src/vocabulary/judgement.ts';

it('attaches a token to its rejection, out of sight of logs and copies', () => {
  const judgement: RejectedJudgement = { outcome: 'rejected', audience: 'legacy', reason: 'expired' };
  const token = {
    clientId: 'web-app',
    issuedAt: undefined,
    expiresAt: 1,
    expired: true,
    afterClose: 'rejected',
  } as const;

  expect(attachRejectedToken(judgement, token)).toBe(judgement);
  expect(judgement.token).toBe(token);
  expect(Object.keys(judgement)).toEqual(['outcome', 'audience', 'reason']);
});
