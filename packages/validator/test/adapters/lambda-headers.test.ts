import { expect, test } from 'vitest';
import { headersNamed } from '../../src/adapters/lambda-headers.ts';

test('finds a header in every spelling of its name', () => {
  const headers = { Authorization: 'a', AUTHORIZATION: 'b', authorization: undefined, Cookie: 'c' };

  expect(headersNamed(headers, 'authorization')).toEqual(['a', 'b']);
  expect(headersNamed(null, 'authorization')).toEqual([]);
  expect(headersNamed(undefined, 'authorization')).toEqual([]);
});
