import { describe, expect, it } from 'vitest';
import {
  type AcceptedJudgement,
  attachRejectedToken,
  type RejectedJudgement,
  rejectAccepted,
} from '../../src/vocabulary/judgement.ts';

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

const ACCEPTED: AcceptedJudgement = {
  outcome: 'accepted',
  audience: 'bridge',
  afterClose: 'accepted',
  subject: 'alice',
  clientId: 'web-app',
  scope: ['read'],
  roles: ['admin'],
  issuedAt: 1000,
  expiresAt: 2000,
  claims: { sub: 'alice' },
};

describe('rejectAccepted', () => {
  it('keeps the class of the token, and what a meter needs to know of it where no log looks', () => {
    const rejection = rejectAccepted(ACCEPTED, { reason: 'revoked' });

    expect(rejection).toEqual({ outcome: 'rejected', audience: 'bridge', reason: 'revoked' });
    expect(rejection.token).toEqual({
      clientId: 'web-app',
      issuedAt: 1000,
      expiresAt: 2000,
      expired: false,
      afterClose: 'accepted',
    });
    expect(JSON.stringify(rejection)).not.toContain('web-app');
  });

  it('names the scope that is missing', () => {
    const rejection = rejectAccepted(ACCEPTED, { reason: 'insufficient_scope', scope: ['write'] });

    expect(rejection).toMatchObject({ reason: 'insufficient_scope', scope: ['write'] });
  });
});
