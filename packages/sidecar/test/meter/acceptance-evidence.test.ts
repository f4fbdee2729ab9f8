import { createMeter } from '@crossfade/validator/meter';
import { describe, expect, test } from 'vitest';
import { observedAcceptance, shownByResponses } from '../../src/meter/acceptance-evidence.ts';

describe('what responses show', () => {
  const HOUR = 3_600_000;
  const within = (movedMs: number | null, nowMs = 10) => ({ movedMs, silenceMs: HOUR, nowMs });

  test('is unknown before the API took or refused a valid token', () => {
    expect(shownByResponses(createMeter(), within(null))).toEqual({ legacy: null, target: null });
  });

  test('is what the API did last, for each side', () => {
    const meter = createMeter();
    meter.noteApiResponse('target', 'unauthorized', 1);
    expect(shownByResponses(meter, within(null))).toEqual({ legacy: null, target: false });
    meter.noteApiResponse('target', 'accepted', 2);
    expect(shownByResponses(meter, within(null))).toEqual({ legacy: null, target: true });
  });

  test('counts since the last move, and for as long as the silence', () => {
    const meter = createMeter();
    meter.noteApiResponse('legacy', 'unauthorized', 5);
    expect(shownByResponses(meter, within(5)).legacy).toBe(false);
    expect(shownByResponses(meter, within(6)).legacy).toBeNull();
    expect(shownByResponses(meter, within(null, HOUR + 6)).legacy).toBeNull();
  });
});

describe('observed acceptance', () => {
  test.each([
    [null, null, 'both', 0, 'legacy'],
    [null, null, 'both', 1, 'both'],
    [null, null, 'target', 100, 'target'],
    [null, null, 'target', 0, 'target'],
    [null, true, 'both', 0, 'both'],
    [null, false, 'both', 100, 'legacy'],
    [true, null, 'target', 100, 'both'],
    [false, true, 'both', 100, 'target'],
    [false, true, 'target', 100, 'target'],
    [true, false, 'target', 100, 'legacy'],
  ] as const)(
    'with legacy shown as %s, target as %s, the switch at %s and %i %% issued, is %s',
    (legacy, target, acceptance, percent, expected) => {
      expect(observedAcceptance({ legacy, target }, acceptance, { percent })).toBe(expected);
    },
  );
});
