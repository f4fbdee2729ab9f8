import { expect, test } from 'vitest';
import { rawAuthorization, rawHeaderValues } from '../../src/http/raw-header-values.ts';

test('finds every value of a header, in order and in any case', () => {
  const raw = ['Host', 'a', 'DPoP', 'one', 'dpop', 'two', 'X-DPoP', 'three', 'Cookie', 'dpop'];

  expect(rawHeaderValues(raw, 'dpop')).toEqual(['one', 'two']);
  expect(rawHeaderValues(raw, 'authorization')).toEqual([]);
});

test.each(['Authorization', 'authorization', 'AUTHORIZATION'])(
  'returns the value of %s, and all of them if it is repeated',
  (name) => {
    const raw = ['Host', 'a', 'X-Authorized-By', 'b', name, 'one'];

    expect(rawAuthorization(raw)).toBe('one');
    expect(rawAuthorization([...raw, 'aUTHORIZATION', 'two', 'authorization', 'three'])).toEqual([
      'one',
      'two',
      'three',
    ]);
    expect(rawAuthorization([name, ''])).toBe('');
  },
);

test('returns undefined without the header', () => {
  expect(rawAuthorization([])).toBeUndefined();
  expect(rawAuthorization(['Host', 'authorization', 'WWW-Authorize', 'one'])).toBeUndefined();
});
