import { describe, expect, test } from 'vitest';
import { createAcceptanceEvidence, observedAcceptance } from '../../src/meter/acceptance-evidence.ts';
import { ACCEPTED } from '../fixture/judgement.ts';

const LEGACY = ACCEPTED;
const TARGET = { ...ACCEPTED, audience: 'target', afterClose: 'accepted' } as const;
const CLOSED = { outcome: 'rejected', audience: 'legacy', reason: 'legacy_closed' } as const;

describe('evidence', () => {
  test('there is none before a valid token was answered', () => {
    const evidence = createAcceptanceEvidence();
    evidence.note({ outcome: 'rejected', audience: 'legacy', reason: 'expired' }, 401, 'both');
    evidence.note({ ...ACCEPTED, audience: 'bridge' }, 200, 'both');
    evidence.note(TARGET, 503, 'both');
    expect(evidence.accepts('legacy', 'both')).toBeUndefined();
    expect(evidence.accepts('target', 'both')).toBeUndefined();
  });

  test('a 401 shows a refusal, any other answer an acceptance, which wins', () => {
    const evidence = createAcceptanceEvidence();
    evidence.note(TARGET, 401, 'both');
    expect(evidence.accepts('target', 'both')).toBe(false);
    evidence.note(TARGET, 404, 'both');
    evidence.note(TARGET, 401, 'both');
    expect(evidence.accepts('target', 'both')).toBe(true);
    expect(evidence.accepts('legacy', 'both')).toBeUndefined();
  });

  test('belongs to one position of the switch', () => {
    const evidence = createAcceptanceEvidence();
    evidence.note(LEGACY, 200, 'both');
    evidence.note(TARGET, 200, 'both');
    expect(evidence.accepts('legacy', 'target')).toBeUndefined();
    evidence.note(CLOSED, 401, 'target');
    expect(evidence.accepts('legacy', 'target')).toBe(false);
    expect(evidence.accepts('target', 'target')).toBeUndefined();
    expect(evidence.accepts('legacy', 'both')).toBeUndefined();
  });

  test('is forgotten when the switch moves, even if it comes back before another token does', () => {
    const evidence = createAcceptanceEvidence();
    evidence.note(LEGACY, 200, 'both');
    evidence.forget();
    expect(evidence.accepts('legacy', 'both')).toBeUndefined();
  });

  test('an API that goes on taking legacy tokens after the close shows it', () => {
    const evidence = createAcceptanceEvidence();
    evidence.note(CLOSED, 200, 'target');
    expect(evidence.accepts('legacy', 'target')).toBe(true);
  });
});

describe('observed acceptance', () => {
  const shows = (legacy: boolean | undefined, target: boolean | undefined) => ({
    accepts: (side: string) => (side === 'legacy' ? legacy : target),
  });

  test.each([
    [undefined, undefined, 'both', 0, 'legacy'],
    [undefined, undefined, 'both', 1, 'both'],
    [undefined, undefined, 'target', 100, 'target'],
    [undefined, undefined, 'target', 0, 'target'],
    [undefined, true, 'both', 0, 'both'],
    [undefined, false, 'both', 100, 'legacy'],
    [true, undefined, 'target', 100, 'both'],
    [false, true, 'both', 100, 'target'],
    [false, true, 'target', 100, 'target'],
    [true, false, 'target', 100, 'legacy'],
  ] as const)(
    'legacy %s, target %s, switch at %s, %i %% issued: %s',
    (legacy, target, acceptance, percent, expected) => {
      expect(observedAcceptance(shows(legacy, target), acceptance, { percent })).toBe(expected);
    },
  );
});
