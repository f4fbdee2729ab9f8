import { expect, test } from 'vitest';
import { SIGNED, startEmulator } from '../fixture.ts';

async function typeOf(path: string, authorization?: string) {
  const { url } = await startEmulator();
  const response = await fetch(`${url}${path}`, authorization === undefined ? {} : { headers: { authorization } });
  await response.text();
  return [response.status, response.headers.get('x-amzn-errortype')];
}

test('a request with any well-formed signature is accepted', async () => {
  expect(await typeOf('/applications', SIGNED)).toEqual([200, null]);
});

test.each(['/applications', '/configuration?configuration_token=x', '/nowhere'])(
  '%s is rejected without a signature',
  async (path) => {
    expect(await typeOf(path)).toEqual([403, 'MissingAuthenticationTokenException']);
  },
);

test.each(['', 'Bearer abc', 'AWS4-HMAC-SHA256', 'AWS4-HMAC-SHA256 Credential=a, SignedHeaders=host'])(
  'a signature of %j is rejected',
  async (authorization) => {
    expect(await typeOf('/applications', authorization)).toEqual([403, 'IncompleteSignatureException']);
  },
);

test("the emulator's own switches need no signature", async () => {
  expect(await typeOf('/_emulator')).toEqual([200, null]);
});
