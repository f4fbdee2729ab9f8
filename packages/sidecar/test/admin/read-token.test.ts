import { ConfigError } from '@crossfade/core';
import { expect, test } from 'vitest';
import { createTokenCheck, readToken } from '../../src/admin/read-token.ts';

const VARIABLE = 'CROSSFADE_SIDECAR_READ_TOKEN';
const TOKEN = 'k3J-9._~+/aaaaaa==';

test.each([[undefined], [TOKEN], ['0123456789abcdef']])('takes %j', (token) => {
  expect(readToken({ [VARIABLE]: token })).toBe(token);
});

test.each(['', 'short', '0123456789abcde', 'has a blank inside', 'umlaut-äöü-0123456789', 'line\n0123456789abcdef'])(
  'refuses %j without quoting it',
  (token) => {
    const read = () => readToken({ [VARIABLE]: token });
    expect(read).toThrow(ConfigError);
    expect(read).toThrow(/16 characters or more/);
    if (token !== '') expect(read).not.toThrow(new RegExp(token));
  },
);

test.each([
  [`Bearer ${TOKEN}`, true],
  [`bearer  ${TOKEN}`, true],
  [undefined, false],
  ['', false],
  ['Bearer', false],
  ['Bearer ', false],
  [TOKEN, false],
  [`Basic ${TOKEN}`, false],
  [`Bearer ${TOKEN}x`, false],
  [`Bearer ${TOKEN.slice(1)}`, false],
  [`Bearer ${TOKEN} ${TOKEN}`, false],
])('Authorization: %s carries the token: %s', (authorization, expected) => {
  expect(createTokenCheck(TOKEN)(authorization)).toBe(expected);
});
