import { expect, test } from 'vitest';
import { examineKeySet } from '../../src/keys/key-set.ts';
import { UnusableKeysError } from '../../src/keys/unusable-keys-error.ts';

const URL_OF_KEYS = new URL('https://idp.example.com/jwks');

test.each([
  [undefined, 'https://idp.example.com/jwks: what was fetched is no JSON Web Key Set'],
  [{}, 'https://idp.example.com/jwks: what was fetched is no JSON Web Key Set'],
  [{ keys: [] }, 'https://idp.example.com/jwks: a JSON Web Key Set without keys was fetched'],
  [
    { keys: [{ kty: 'oct', k: 'c2VjcmV0', kid: 'shared' }] },
    'https://idp.example.com/jwks: 1 key was fetched, none usable: private or symmetric key',
  ],
  [
    {
      keys: [
        { kty: 'RSA', use: 'enc' },
        { kty: 'RSA', use: 'enc' },
        { kty: 'EC', crv: 'P-224' },
      ],
    },
    'https://idp.example.com/jwks: 3 keys were fetched, none usable: use is not sig, unsupported key type or curve',
  ],
])('%j is named by what was fetched, and by why it cannot be used', (json, message) => {
  expect(new UnusableKeysError(URL_OF_KEYS, examineKeySet(json)).message).toBe(message);
});
