import { expect, test } from 'vitest';
import { declaredTokenKinds, isUsedAsAccessToken } from '../../src/jwt/declared-token-kinds.ts';

test.each([
  [{ token_type: 'Bearer' }, []],
  [{ typ: 'Bearer' }, ['access']],
  [{ typ: 'DPoP', token_use: 'access_token' }, ['access', 'access']],
  [{ token_use: 'refresh_token', typ: 'Bearer' }, ['other', 'access']],
  [{ token_type: 'access' }, ['access']],
  [{ typ: 'ID' }, ['id']],
  [{ token_type: 'mac', typ: 1 }, []],
  [{ type: 'access' }, ['access']],
  [{ type: 'refresh' }, ['other']],
  [{ idtyp: 'app' }, ['access']],
  [{ aut: 'APPLICATION_USER' }, ['access']],
  [{ azpacr: '1' }, ['access']],
  [{ appidacr: '0' }, ['access']],
  [{ azpacr: 1 }, []],
  [{ type: 'user', typ: 'app', aut: 'bearer', idtyp: 'access' }, []],
  [{ typ: 'constructor' }, []],
  [{}, []],
])('%j declares %j', (claims, kinds) => {
  expect(declaredTokenKinds(claims)).toEqual(kinds);
});

test.each([
  ['Bearer', true],
  ['dpop', true],
  ['access', false],
  ['mac', false],
  [1, false],
  [undefined, false],
])('a token_type of %j tells that the token is used as an access token: %s', (token_type, isUsed) => {
  expect(isUsedAsAccessToken({ token_type })).toBe(isUsed);
});
