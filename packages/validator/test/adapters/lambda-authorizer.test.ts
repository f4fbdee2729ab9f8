import { ConfigError, UnavailableError } from '@crossfade/core';
import { expect, test } from 'vitest';
import { type AuthorizerOptions, createAuthorizer } from '../../src/adapters/lambda-authorizer.ts';
import { type HttpApiEvent, httpApiReader } from '../../src/adapters/lambda-http-api.ts';
import { createValidator } from '../../src/index.ts';
import { createSigningKey, sign } from '../issuer.ts';

const ISSUER = 'https://idp.example.com';
const key = await createSigningKey({ kid: 'a' });
const legacy = { issuer: ISSUER, audience: 'default-api', keys: { keys: [key.publicJwk] } };
const validator = createValidator({ clients: [], legacy });
const exp = Math.floor(Date.now() / 1000) + 600;

function authorizer(options: Partial<AuthorizerOptions<HttpApiEvent>> = {}) {
  return createAuthorizer({ validator, ...options }, httpApiReader, 'an authorizer');
}

async function event(claims: Record<string, unknown> = {}): Promise<HttpApiEvent> {
  const token = await sign({ iss: ISSUER, aud: 'default-api', exp, ...claims }, key);
  return {
    version: '2.0',
    rawPath: '/orders',
    headers: { authorization: `Bearer ${token}` },
    requestContext: { domainName: 'api.example.com', http: { method: 'GET' } },
  };
}

test('the principal is the subject, else the client, else unknown', async () => {
  const authorize = authorizer();

  expect(await authorize(await event({ sub: 'u', client_id: 'c' }))).toMatchObject({ principal: 'u' });
  expect(await authorize(await event({ client_id: 'c' }))).toMatchObject({ principal: 'c' });
  expect(await authorize(await event())).toMatchObject({ isAuthorized: true, principal: 'unknown' });
});

test('the context holds strings and numbers, and omits what the token omits', async () => {
  const claims = { sub: 'u', client_id: 'c', scope: 'a b', roles: ['x', 'y z'] };

  expect((await authorizer()(await event(claims))).context).toEqual({
    audience: 'legacy',
    subject: 'u',
    clientId: 'c',
    scope: 'a b',
    roles: '["x","y z"]',
    expiresAt: exp,
  });
  expect((await authorizer()(await event())).context).toEqual({
    audience: 'legacy',
    scope: '',
    roles: '[]',
    expiresAt: exp,
  });
});

test('the roles come from the claim that the side names', async () => {
  const named = createValidator({ clients: [], legacy: { ...legacy, rolesClaim: 'cognito:groups' } });
  const { context } = await authorizer({ validator: named })(await event({ roles: ['a'], 'cognito:groups': ['b'] }));

  expect(context).toMatchObject({ roles: '["b"]' });
});

test('a denial has its status, and nothing of the token', async () => {
  const denied = await authorizer({ scope: 'orders:read' })(await event({ sub: 'u' }));

  expect(denied).toMatchObject({ isAuthorized: false, principal: 'unknown', context: { status: 403 } });
  expect(JSON.stringify(denied)).not.toContain('"u"');
});

test('an outage is thrown without its cause, which may hold more than API Gateway should log', async () => {
  const keys = new URL('http://127.0.0.1:1/jwks');
  const cut = createValidator({ clients: [], legacy: { ...legacy, keys } });
  const error = await authorizer({ validator: cut })(await event()).catch((thrown: unknown) => thrown);

  expect(error).toBeInstanceOf(UnavailableError);
  expect(error).not.toHaveProperty('cause');
});

test('notFound is rejected: an API Gateway authorizer cannot respond with 404', () => {
  const options = { notFound: () => new Response() } as object;

  expect(() => authorizer(options)).toThrow(ConfigError);
  expect(() => authorizer(options)).toThrow('notFound: is not a known setting');
});
