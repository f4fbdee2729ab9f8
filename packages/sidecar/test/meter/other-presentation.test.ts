import { expect, test } from 'vitest';
import { otherPresentation } from '../../src/meter/other-presentation.ts';

const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
const JWT = `${part({ alg: 'ES256' })}.${part({ iss: 'a' })}.c2lnbmF0dXJl`;

test.each([
  ['no scheme', [JWT], '/'],
  ['a tab after the scheme', [`Bearer\t${JWT}`], '/'],
  ['a colon after the scheme', [`Bearer: ${JWT}`], '/'],
  ['another scheme', [`JWT ${JWT}`], '/'],
  ['a parameter of a scheme', [`Token token="${JWT}"`], '/'],
  ['a second header', ['Basic YTpi', JWT], '/'],
  ['the query', [], `/orders?a=1&access_token=${JWT}`],
  ['the query, encoded', [], `/orders?access_token=${encodeURIComponent(JWT)}#a`],
])('finds a token with %s', (_, authorization, target) => {
  expect(otherPresentation(authorization, target)).toBe(JWT);
});

test('finds an opaque token in the query', () => {
  expect(otherPresentation([], '/?access_token=8xLOxBtZp8')).toBe('8xLOxBtZp8');
});

test.each([
  ['nothing', [], '/'],
  ['a password', ['Basic dXNlcjpwYXNz'], '/'],
  ['a signature', ['AWS4-HMAC-SHA256 Credential=A/20260101/r/s/aws4_request, Signature=0a1b'], '/'],
  ['a parameter of another name', [], `/?id_token=${JWT}`],
  ['an empty parameter', [], '/?access_token='],
  ['a parameter that cannot be decoded', [], '/?access_token=%zz'],
  ['text with dots', ['Custom a.b.c'], '/a.b.c'],
])('finds none in %s', (_, authorization, target) => {
  expect(otherPresentation(authorization, target)).toBeUndefined();
});
