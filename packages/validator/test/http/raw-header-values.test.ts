import { expect, test } from 'vitest';
import { rawAuthorization, rawHeaderValues } from '../../src/http/raw-header-values.ts';

test('finds every value of a header, in order and however it is spelled', () => {
  const raw = ['Host', 'a', 'DPoP', 'one', 'dpop', 'two', 'X-DPoP', 'three', 'Cookie', 'dpop'];

  expect(rawHeaderValues(raw, 'dpop')).toEqual(['one', 'two']);
  expect(rawHeaderValues(raw, 'authorization')).toEqual([]);
});

test.each(['Authorization', 'authorization', 'AUTHORIZATION'])(
  'gives the value of %s, and hides none where it comes more often',
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

test('gives nothing where there is none', () => {
  expect(rawAuthorization([])).toBeUndefined();
  expect(rawAuthorization(['Host', 'authorization', 'WWW-Authorize', 'one'])).toBeUndefined();
});
