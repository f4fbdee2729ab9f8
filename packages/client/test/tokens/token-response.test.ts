import { expect, test } from 'vitest';
import { readTokenResponse } from '../../src/tokens/token-response.ts';

const response = { access_token: 't', token_type: 'bearer' as const };

test('a lifetime counts from the request, not from the response', () => {
  expect(readTokenResponse({ ...response, expires_in: 300, scope: 'a b' }, 1_000_900)).toEqual({
    accessToken: 't',
    expiresAt: 1300,
    scope: 'a b',
  });
});

test('a token of unknown lifetime is valid for a minute', () => {
  expect(readTokenResponse(response, 1_000_000)).toEqual({ accessToken: 't', expiresAt: 1060, scope: undefined });
});
