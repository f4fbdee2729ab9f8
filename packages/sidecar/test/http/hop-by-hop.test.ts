import { describe, expect, test } from 'vitest';
import { isHopByHop, nominatedFields } from '../../src/http/hop-by-hop.ts';

describe('the nominated fields', () => {
  test.each<[string[], string[]]>([
    [[], []],
    [['keep-alive'], []],
    [['close, X-One'], ['x-one']],
    [['X-One ,, x-TWO'], ['x-one', 'x-two']],
    [
      ['x-one', 'x-two'],
      ['x-one', 'x-two'],
    ],
    [['Authorization, Cookie, Host, Content-Length, DPoP, X-Forwarded-For, x-one'], ['x-one']],
    [['DPoP-Nonce, Client-Cert, X-Forwarded-Client-Cert, X-Forwarded-Prefix'], []],
  ])('of %j are %j', (connection, expected) => {
    expect([...nominatedFields(connection)]).toEqual(expected);
  });
});

test('an end-to-end field is not hop-by-hop', () => {
  expect(isHopByHop('authorization')).toBe(false);
  expect(isHopByHop('transfer-encoding')).toBe(true);
});
