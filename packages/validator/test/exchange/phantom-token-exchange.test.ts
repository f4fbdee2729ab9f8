import { ConfigError, UnavailableError } from '@crossfade/core';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createPhantomTokenExchange } from '../../src/exchange/phantom-token-exchange.ts';
import {
  type IntrospectionServer,
  respondJson,
  respondStatus,
  respondText,
  startIntrospectionServer,
} from '../introspection-server.ts';
import { startIssuer } from '../issuer.ts';

const CLIENT = { clientId: 'gateway', clientSecret: 'secret' };
let server: IntrospectionServer;

beforeEach(async () => {
  server = await startIntrospectionServer();
});
afterEach(() => server.close());

const exchange = (token = 'opaque') => createPhantomTokenExchange({ ...CLIENT, endpoint: server.url }).exchange(token);

test('asks for application/jwt, with the token in the body, and returns the JWT', async () => {
  server.respond = respondText('header.payload.signature\n', { 'content-type': 'Application/JWT; charset=utf-8' });

  expect(await exchange()).toBe('header.payload.signature');
  expect(server.requests).toMatchObject([
    { method: 'POST', headers: { accept: 'application/jwt', authorization: 'Basic Z2F0ZXdheTpzZWNyZXQ=' } },
  ]);
  expect(Object.fromEntries(server.requests[0]?.form ?? [])).toEqual({
    token: 'opaque',
    token_type_hint: 'access_token',
  });
});

test.each([
  ['204', respondStatus(204)],
  ['JSON that says so', respondJson({ active: false })],
])('a token is not active where the endpoint responds with %s', async (_, respond) => {
  server.respond = respond;

  expect(await exchange()).toBeUndefined();
});

test.each([
  ['an error', respondStatus(500), 'answered 500'],
  ['a redirect', respondStatus(302), 'answered 302'],
  ['a rejection of the client', respondStatus(401), 'check introspection.clientId and clientSecret'],
  ['introspection in JSON', respondJson({ active: true }), 'gives no phantom tokens'],
  [
    'a signed introspection response',
    respondText('a.b.c', { 'content-type': 'application/token-introspection+jwt' }),
    'gives no phantom tokens',
  ],
  ['more than 64 KiB', respondText('x'.repeat(65_537), { 'content-type': 'application/jwt' }), 'more than 65536 bytes'],
])('%s makes the token impossible to exchange', async (_, respond, message) => {
  server.respond = respond;
  const failure = await exchange().catch((error: unknown) => error);

  expect(failure).toBeInstanceOf(UnavailableError);
  expect(failure).toMatchObject({ dependency: 'exchange', message: expect.stringContaining(message) });
  expect((failure as Error).message).not.toContain('opaque');
});

test('finds the endpoint in the metadata of the issuer', async () => {
  const issuer = await startIssuer();
  const metadata = { issuer: issuer.url, introspection_endpoint: server.url };
  issuer.responses.set('/.well-known/openid-configuration', { json: metadata });
  server.respond = respondText('a.b.c', { 'content-type': 'application/jwt' });

  expect(await createPhantomTokenExchange({ ...CLIENT, issuer: ['acme.com', issuer.url] }).exchange('opaque')).toBe(
    'a.b.c',
  );
  await issuer.close();
});

test('sends nothing once it is closed', async () => {
  const closed = createPhantomTokenExchange({ ...CLIENT, endpoint: server.url });
  closed.close?.();

  await expect(closed.exchange('opaque')).rejects.toBeInstanceOf(UnavailableError);
  expect(server.requests).toEqual([]);
});

test.each<[string, object, string]>([
  ['no endpoint and no issuer', {}, 'issuer: must be an https URL'],
  ['an issuer without metadata', { issuer: 'acme.com' }, 'issuer: must be an https URL'],
  ['an http endpoint', { endpoint: 'http://idp.example.com' }, 'endpoint: must be an https URL'],
  ['no client', { endpoint: 'https://idp.example.com', clientId: '' }, 'clientId: must be'],
  ['a setting that it does not know', { issuer: 'https://idp.example.com', maxAge: 1 }, 'maxAge: is not a known'],
])('refuses options with %s', (_, options, message) => {
  const create = () => createPhantomTokenExchange({ ...CLIENT, ...options });

  expect(create).toThrow(ConfigError);
  expect(create).toThrow(message);
});
