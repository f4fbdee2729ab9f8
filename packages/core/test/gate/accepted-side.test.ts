import { describe, expect, it } from 'vitest';
import { type AcceptedSide, acceptedSide, DEFAULT_FLAG_DOCUMENT, lastMoveMs } from '../../src/index.ts';

const WINDOW = { movedMs: 1000, silenceMs: 5000, nowMs: 4000 };

describe('acceptedSide', () => {
  it.each<[string, number | null, number | null, boolean | undefined, AcceptedSide]>([
    ['is unknown without a response and without a command', null, null, undefined, 'unknown'],
    ['follows the command without a response', null, null, true, 'accepted'],
    ['follows a command to refuse without a response', null, null, false, 'refused'],
    ['is accepted after an accepted response', 2000, null, undefined, 'accepted'],
    ['is refused after an unauthorized response', null, 2000, undefined, 'refused'],
    ['is what the later response says: accepted', 3000, 2000, undefined, 'accepted'],
    ['is what the later response says: refused', 2000, 3000, undefined, 'refused'],
    ['is refused at equal times', 2000, 2000, undefined, 'refused'],
    ['is refused by the API although the command accepts', null, 2000, true, 'refused'],
    ['is refused by the command although an earlier response was accepted', 2000, null, false, 'refused'],
    ['ignores a response before the last move', null, 999, undefined, 'unknown'],
    ['counts a response at the moment of the last move', 1000, null, undefined, 'accepted'],
  ])('%s', (_, acceptedMs, unauthorizedMs, commanded, expected) => {
    expect(acceptedSide({ acceptedMs, unauthorizedMs }, commanded, WINDOW)).toBe(expected);
  });

  it('ignores a response that is older than the silence', () => {
    const window = { movedMs: null, silenceMs: 1000, nowMs: 10_000 };
    expect(acceptedSide({ acceptedMs: null, unauthorizedMs: 8999 }, undefined, window)).toBe('unknown');
    expect(acceptedSide({ acceptedMs: 9000, unauthorizedMs: 8999 }, undefined, window)).toBe('accepted');
  });
});

describe('lastMoveMs', () => {
  it.each([
    [null, null, null],
    [5, null, 5],
    [null, 6, 6],
    [5, 6, 6],
    [7, 6, 7],
  ])('of issuance since %s and acceptance since %s is %s', (sinceMs, acceptanceSinceMs, expected) => {
    const issuance = { ...DEFAULT_FLAG_DOCUMENT.issuance, sinceMs };
    expect(lastMoveMs({ issuance, acceptanceSinceMs })).toBe(expected);
  });
});
