import type { AcceptedJudgement, DpopChallenge, RejectedJudgement } from '@crossfade/core';
import { describe, expect, test } from 'vitest';
import { createDpopChallenges } from '../../src/dpop/dpop-challenge.ts';
import { PROVEN, type ProofOfPossession } from '../../src/dpop/proof-of-possession.ts';

const algorithms = ['ES256'];
const check = {
  challenge: (error?: DpopChallenge['error']): DpopChallenge => ({ algorithms, ...(error ? { error } : {}) }),
};
const open = createDpopChallenges(check, [{}, {}]);

function rejection(reason: RejectedJudgement['reason']): RejectedJudgement {
  return { outcome: 'rejected', audience: 'legacy', reason };
}

describe('addTo', () => {
  test('leaves alone who gets in, and who has nothing to do with DPoP', () => {
    const accepted = { outcome: 'accepted', audience: 'legacy' } as AcceptedJudgement;
    const certificate: ProofOfPossession = { flaw: 'proof_required', dpop: false };

    expect(open.addTo(accepted, 'DPoP', PROVEN)).toBe(accepted);
    for (const [judgement, possession] of [
      [rejection('expired'), PROVEN],
      [rejection('insufficient_scope'), PROVEN],
      [rejection('proof_required'), certificate],
    ] as const) {
      expect(open.addTo(judgement, 'Bearer', possession)).toBe(judgement);
    }
  });

  test('tells whoever used DPoP how to, whatever is wrong with the token', () => {
    expect(open.addTo(rejection('expired'), 'DPoP', PROVEN)).toEqual({ ...rejection('expired'), dpop: { algorithms } });
  });

  test('tells whoever has a DPoP token, and only bears it', () => {
    const flawed: ProofOfPossession = { flaw: 'proof_required', dpop: true };

    expect(open.addTo(rejection('proof_required'), 'Bearer', flawed)).toEqual({
      ...rejection('proof_required'),
      dpop: { algorithms },
    });
  });

  test('says what is wrong with a proof, but not where the token is what is wrong', () => {
    const flawed: ProofOfPossession = { flaw: 'proof_invalid', dpop: true, error: 'use_dpop_nonce' };

    expect(open.addTo(rejection('proof_invalid'), 'DPoP', flawed)).toMatchObject({ dpop: { error: 'use_dpop_nonce' } });
    expect(open.addTo(rejection('expired'), 'DPoP', flawed)).toEqual({ ...rejection('expired'), dpop: { algorithms } });
  });

  test.each([
    ['dpop', true],
    ['any', true],
    ['mtls', false],
  ] as const)('offers DPoP where a side demands %s: %s', (senderConstrained, isOffered) => {
    const judgement = createDpopChallenges(check, [{}, { senderConstrained }]).addTo(
      rejection('proof_required'),
      'Bearer',
      PROVEN,
    );

    expect('dpop' in judgement).toBe(isOffered);
  });
});

test.each([
  [[undefined], false],
  [['dpop'], true],
  [['dpop', 'dpop'], true],
  [['dpop', undefined], false],
  [['any', 'any'], false],
] as const)('asks a request without a token for DPoP only where there is no other way: %j %s', (sides, isAsked) => {
  const { noToken } = createDpopChallenges(
    check,
    sides.map((senderConstrained) => (senderConstrained === undefined ? {} : { senderConstrained })),
  );

  expect(noToken).toEqual({
    outcome: 'rejected',
    audience: 'none',
    reason: 'missing_token',
    ...(isAsked ? { dpop: { algorithms } } : {}),
  });
});
