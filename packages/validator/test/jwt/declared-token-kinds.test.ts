import { expect, test } from 'vitest';
import { declaredTokenKinds } from '../../src/jwt/declared-token-kinds.ts';

test.each([
  [{ token_type: 'Bearer' }, ['access']],
  [{ token_type: 'DPoP', token_use: 'access_token' }, ['access', 'access']],
  [{ token_use: 'refresh_token', token_type: 'Bearer' }, ['other', 'access']],
  [{ typ: 'ID' }, ['id']],
  [{ token_type: 'mac', typ: 1 }, []],
  [{}, []],
])('%j declares %j', (claims, kinds) => {
  expect(declaredTokenKinds(claims)).toEqual(kinds);
});
