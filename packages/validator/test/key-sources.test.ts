import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createValidator, type SideOptions } from '../src/index.ts';
import { createSigningKey, sign, startIssuer, type TestIssuer } from './issuer.ts';

const AUDIENCE = 'https://api.example.com/orders';
const key = await createSigningKey({ kid: 'a' });

let server: TestIssuer;

beforeEach(async () => {
  server = await startIssuer(key);
});
afterEach(() => server.close());

async function judge(side: Omit<SideOptions, 'audience'>, iss: string, issuedBy = key) {
  const validator = createValidator({ legacy: { ...side, audience: AUDIENCE } });
  const token = await sign({ iss, aud: AUDIENCE, exp: Math.floor(Date.now() / 1000) + 60 }, issuedBy);
  return validator.judge(token);
}

describe('an issuer that is no https URL', () => {
  test.each(['http://adfs.example.com/adfs/services/trust', 'acme.com'])(
    '%s is verified with the keys in the options, and is never asked for any',
    async (issuer) => {
      const keys = { keys: [key.publicJwk] };

      expect(await judge({ issuer, keys }, issuer)).toMatchObject({ outcome: 'accepted', audience: 'legacy' });
      expect(await judge({ issuer, keys }, issuer, await createSigningKey({ kid: 'b' }))).toMatchObject({
        reason: 'unknown_key',
      });
      expect(await judge({ issuer, keys }, `${issuer}/`)).toMatchObject({ reason: 'wrong_issuer' });
    },
  );

  test('is verified with keys from elsewhere', async () => {
    expect(await judge({ issuer: 'acme.com', keys: server.jwksUrl }, 'acme.com')).toMatchObject({
      outcome: 'accepted',
    });
    expect(server.requests).toEqual(['/jwks']);
  });
});

test('keys come over http from another place than the issuer where the options say so', async () => {
  const inCluster = new URL(server.jwksUrl);
  // A name of this machine that does not count as loopback.
  inCluster.hostname = '0.0.0.0';
  const [url, issuer] = [inCluster, 'https://login.example.com/realms/orders'];

  expect(await judge({ issuer, keys: { url, allowHttp: true } }, issuer)).toMatchObject({ outcome: 'accepted' });
  expect(await judge({ issuer, keys: { url: url.href, allowHttp: true } }, issuer)).toMatchObject({
    outcome: 'accepted',
  });
  expect(server.requests).toEqual(['/jwks', '/jwks']);
  expect(() => createValidator({ legacy: { issuer, audience: AUDIENCE, keys: url } })).toThrow('allowHttp');
});

describe('an issuer with several spellings', () => {
  const names = () => ['acme.com', `${server.url}/`, server.url, 'https://renamed.example.com'] as const;

  test('has one key set for all of them, and its metadata may have any', async () => {
    const validator = createValidator({ legacy: { issuer: names(), audience: AUDIENCE } });
    for (const iss of names()) {
      const token = await sign({ iss, aud: AUDIENCE, exp: Math.floor(Date.now() / 1000) + 60 }, key);
      expect(await validator.judge(token)).toMatchObject({ outcome: 'accepted', audience: 'legacy' });
    }
    expect(server.requests).toEqual(['/.well-known/openid-configuration', '/jwks']);
  });

  test('has no other', async () => {
    expect(await judge({ issuer: names() }, 'https://other.example.com')).toMatchObject({ reason: 'wrong_issuer' });
  });

  test('has no metadata of another issuer', async () => {
    server.responses.set('/.well-known/openid-configuration', {
      json: { issuer: 'https://other.example.com', jwks_uri: server.jwksUrl },
    });

    await expect(judge({ issuer: names() }, server.url)).rejects.toThrow('the keys of acme.com cannot be fetched');
  });
});
