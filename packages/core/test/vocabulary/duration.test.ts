import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatDuration, parseDurationMs } from '../../src/vocabulary/duration.ts';

describe('parseDurationMs', () => {
  it.each([
    ['0s', 0],
    ['250ms', 250],
    ['15s', 15_000],
    ['5m', 300_000],
    ['24h', 86_400_000],
    ['30d', 2_592_000_000],
  ])('reads %s as %d ms', (text, ms) => {
    expect(parseDurationMs(text)).toBe(ms);
  });

  it.each(['', '15', 's', '1.5h', '-1s', '1 h', '1h30m', '1w', '1H', '9999999999s'])('refuses %j', (text) => {
    expect(parseDurationMs(text)).toBeUndefined();
  });
});

describe('formatDuration', () => {
  it.each([
    [-5, '0ms'],
    [450, '450ms'],
    [1000, '1s'],
    [200_000, '3m 20s'],
    [93_600_000, '1d 2h'],
    [93_661_000, '1d 2h'],
  ])('writes %d ms as %s', (ms, text) => {
    expect(formatDuration(ms)).toBe(text);
  });

  it('stays within a hundredth of the value, for any whole number of one unit', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 23 }), fc.constantFrom('s', 'm', 'h'), (count, unit) => {
        expect(formatDuration(parseDurationMs(`${count}${unit}`) ?? -1)).toBe(`${count}${unit}`);
      }),
    );
  });
});
