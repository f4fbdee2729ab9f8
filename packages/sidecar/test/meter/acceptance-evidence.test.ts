import { describe, expect, test } from 'vitest';
import { createAcceptanceEvidence, observedAcceptance } from '../../src/meter/acceptance-evidence.ts';
import { ACCEPTED } from '../fixture/judgement.ts';

const LEGACY = ACCEPTED;
const TARGET = { ...ACCEPTED, audience: 'target', afterClose: 'accepted' } as const;
const CLOSED = { outcome: 'rejected', audience: 'legacy', reason: 'legacy_closed' } as const;

describe('evidence', () => {
  test('does not exist before the API responded to a valid token', () => {
    const evidence = createAcceptanceEvidence();
    evidence.note({ outcome: 'rejected', audience: 'legacy', reason: 'expired' }, 401, 'both');
    evidence.note({ ...ACCEPTED, audience: 'bridge' }, 200, 'both');
    evidence.note(TARGET, 503, 'both');
    expect(evidence.accepts('legacy', 'both')).toBeUndefined();
    expect(evidence.accepts('target', 'both')).toBeUndefined();
  });

  test('a 401 shows a refusal, any other response an acceptance, which wins', () => {
    const evidence = createAcceptanceEvidence();
    evidence.note(TARGET, 401, 'both');
    expect(evidence.accepts('target', 'both')).toBe(false);
    evidence.note(TARGET, 404, 'both');
    evidence.note(TARGET, 401, 'both');
    expect(evidence.accepts('target', 'both')).toBe(true);
    expect(evidence.accepts('legacy', 'both')).toBeUndefined();
  });

  test('belongs to one position of the acceptance switch', () => {
    const evidence = createAcceptanceEvidence();
    evidence.note(LEGACY, 200, 'both');
    evidence.note(TARGET, 200, 'both');
    expect(evidence.accepts('legacy', 'target')).toBeUndefined();
    evidence.note(CLOSED, 401, 'target');
    expect(evidence.accepts('legacy', 'target')).toBe(false);
    expect(evidence.accepts('target', 'target')).toBeUndefined();
    expect(evidence.accepts('legacy', 'both')).toBeUndefined();
  });

  test('is dropped when the switch moves, even if it moves back before another token arrives', () => {
    const evidence = createAcceptanceEvidence();
    evidence.note(LEGACY, 200, 'both');
    evidence.forget();
    expect(evidence.accepts('legacy', 'both')).toBeUndefined();
  });

  test('shows that an API still accepts legacy tokens after the close', () => {
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
    'with legacy shown as %s, target as %s, the switch at %s and %i %% issued, is %s',
    (legacy, target, acceptance, percent, expected) => {
      expect(observedAcceptance(shows(legacy, target), acceptance, { percent })).toBe(expected);
    },
  );
});
