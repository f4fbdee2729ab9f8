import { expect, test } from 'vitest';
import { rawHeaderValue, rawHeaderValues } from '../src/raw-header-values.ts';

test('finds every value of a header, in order and however it is spelled', () => {
  const raw = ['Host', 'a', 'DPoP', 'one', 'dpop', 'two', 'X-DPoP', 'three', 'Cookie', 'dpop'];

  expect(rawHeaderValues(raw, 'dpop')).toEqual(['one', 'two']);
  expect(rawHeaderValues(raw, 'authorization')).toEqual([]);
});

test('gives the value of a header that comes once, and hides none where it comes more often', () => {
  const raw = ['Host', 'a', 'AUTHORIZATION', '', 'DPoP', 'one', 'dpop', 'two', 'Dpop', 'three'];

  expect(rawHeaderValue(raw, 'host')).toBe('a');
  expect(rawHeaderValue(raw, 'authorization')).toBe('');
  expect(rawHeaderValue(raw, 'cookie')).toBeUndefined();
  expect(rawHeaderValue(raw, 'dpop')).toEqual(['one', 'two', 'three']);
});
