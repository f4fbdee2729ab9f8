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
  test('adds no challenge to an accepted judgement, or where DPoP does not matter', () => {
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

  test('challenges a client that used DPoP, whatever the reason', () => {
    expect(open.addTo(rejection('expired'), 'DPoP', PROVEN)).toEqual({ ...rejection('expired'), dpop: { algorithms } });
  });

  test('challenges a client that sent a DPoP-bound token as Bearer', () => {
    const flawed: ProofOfPossession = { flaw: 'proof_required', dpop: true };

    expect(open.addTo(rejection('proof_required'), 'Bearer', flawed)).toEqual({
      ...rejection('proof_required'),
      dpop: { algorithms },
    });
  });

  test('reports the error of a proof, unless the token is at fault', () => {
    const flawed: ProofOfPossession = { flaw: 'proof_invalid', dpop: true, error: 'use_dpop_nonce' };

    expect(open.addTo(rejection('proof_invalid'), 'DPoP', flawed)).toMatchObject({ dpop: { error: 'use_dpop_nonce' } });
    expect(open.addTo(rejection('expired'), 'DPoP', flawed)).toEqual({ ...rejection('expired'), dpop: { algorithms } });
  });

  test.each([
    ['dpop', true],
    ['any', true],
    ['mtls', false],
  ] as const)('offers DPoP if a side demands %s: %s', (senderConstrained, isOffered) => {
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
] as const)('challenges a request without a token only if all sides demand DPoP: %j %s', (sides, isChallenged) => {
  const { noToken } = createDpopChallenges(
    check,
    sides.map((senderConstrained) => (senderConstrained === undefined ? {} : { senderConstrained })),
  );

  expect(noToken).toEqual({
    outcome: 'rejected',
    audience: 'none',
    reason: 'missing_token',
    ...(isChallenged ? { dpop: { algorithms } } : {}),
  });
});
