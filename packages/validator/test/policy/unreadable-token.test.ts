import { expect, test } from 'vitest';
import { rejectUnreadable } from '../../src/policy/unreadable-token.ts';
import { ISSUER, sideOf } from '../facts.ts';

const policy = { legacy: sideOf(), target: sideOf({ audience: 'https://api.example.com' }) };

test.each([
  [{ aud: 'default-api', client_id: 'web-app' }, 'legacy', 'web-app'],
  [{ aud: ['default-api', 'https://api.example.com'] }, 'bridge', undefined],
  [{ aud: 'https://api.example.com', azp: 'cli' }, 'target', 'cli'],
  [{ aud: 7 }, 'foreign', undefined],
  [{}, 'foreign', undefined],
])('%j keeps its class and its client', (claims, audience, clientId) => {
  const judgement = rejectUnreadable({ iss: ISSUER, ...claims }, policy, false);

  expect(judgement).toEqual({ outcome: 'rejected', audience, reason: 'malformed_token' });
  expect(judgement.token).toEqual({
    clientId,
    issuedAt: undefined,
    expiresAt: 0,
    expired: false,
    afterClose: 'rejected',
  });
});

test('without a target side, nothing is for the target', () => {
  const claims = { iss: ISSUER, aud: 'https://api.example.com' };
  expect(rejectUnreadable(claims, { legacy: policy.legacy, target: undefined }, true)).toMatchObject({
    audience: 'foreign',
    token: { expired: true },
  });
});
