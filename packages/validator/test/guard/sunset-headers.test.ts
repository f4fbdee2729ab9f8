import { describe, expect, test } from 'vitest';
import { isLegacySunset, sunsetHeaders } from '../../src/guard/sunset-headers.ts';

describe('sunsetHeaders', () => {
  test('are an RFC 9745 date in seconds and an RFC 8594 HTTP date', () => {
    expect(sunsetHeaders({ deprecatedMs: 1_688_169_599_900, sunsetMs: Date.parse('2027-01-31T00:00:00Z') })).toEqual({
      deprecation: '@1688169599',
      sunset: 'Sun, 31 Jan 2027 00:00:00 GMT',
    });
  });
});

describe('isLegacySunset', () => {
  test.each([
    [{ deprecatedMs: 1, sunsetMs: 1 }, true],
    [{ deprecatedMs: 2, sunsetMs: 1 }, false],
    [{ sunsetMs: 1 }, false],
    [{ deprecatedMs: Number.NaN, sunsetMs: 1 }, false],
    [{ deprecatedMs: 1, sunsetMs: 1e16 }, false],
    ['2027-01-31', false],
    [undefined, false],
  ])('says of %o: %s', (value, expected) => {
    expect(isLegacySunset(value)).toBe(expected);
  });
});
