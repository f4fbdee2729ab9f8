import { expect, test } from 'vitest';
import { rawHeaderValues } from '../src/raw-header-values.ts';

test('finds every value of a header, in order and however it is spelled', () => {
  const raw = ['Host', 'a', 'DPoP', 'one', 'dpop', 'two', 'X-DPoP', 'three', 'Cookie', 'dpop'];

  expect(rawHeaderValues(raw, 'dpop')).toEqual(['one', 'two']);
  expect(rawHeaderValues(raw, 'authorization')).toEqual([]);
});
