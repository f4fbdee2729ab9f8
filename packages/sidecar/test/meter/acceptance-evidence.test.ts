import { describe, expect, test } from 'vitest';
import { createAcceptanceEvidence, observedAcceptance } from '../../src/meter/acceptance-evidence.ts';

describe('evidence', () => {
  test('does not exist before the API took or refused a valid token', () => {
    const evidence = createAcceptanceEvidence();
    expect(evidence.accepts('legacy', 'both')).toBeUndefined();
    expect(evidence.accepts('target', 'both')).toBeUndefined();
  });

  test('is what the API showed last', () => {
    const evidence = createAcceptanceEvidence();
    evidence.note('target', 'unauthorized', 'both');
    expect(evidence.accepts('target', 'both')).toBe(false);
    evidence.note('target', 'accepted', 'both');
    expect(evidence.accepts('target', 'both')).toBe(true);
    evidence.note('target', 'unauthorized', 'both');
    expect(evidence.accepts('target', 'both')).toBe(false);
    expect(evidence.accepts('legacy', 'both')).toBeUndefined();
  });

  test('belongs to one position of the acceptance switch', () => {
    const evidence = createAcceptanceEvidence();
    evidence.note('legacy', 'accepted', 'both');
    evidence.note('target', 'accepted', 'both');
    expect(evidence.accepts('legacy', 'target')).toBeUndefined();
    evidence.note('legacy', 'unauthorized', 'target');
    expect(evidence.accepts('legacy', 'target')).toBe(false);
    expect(evidence.accepts('target', 'target')).toBeUndefined();
    expect(evidence.accepts('legacy', 'both')).toBeUndefined();
  });

  test('is dropped when the switch moves, even if it moves back before another token arrives', () => {
    const evidence = createAcceptanceEvidence();
    evidence.note('legacy', 'accepted', 'both');
    evidence.forget();
    expect(evidence.accepts('legacy', 'both')).toBeUndefined();
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
