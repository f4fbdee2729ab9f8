import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import fastify from 'fastify';
import { afterEach, describe, expect, test } from 'vitest';
import { crossfade as expressGuard } from '../src/express.ts';
import { crossfade as fastifyGuard } from '../src/fastify.ts';
import { crossfade as fetchGuard } from '../src/fetch.ts';
import { NONCE_HEADER } from '../src/guard/guard.ts';
import { createValidator, type Validator } from '../src/index.ts';
import { createHttpApiAuthorizer } from '../src/lambda.ts';
import { createDpopKey, prove } from './dpop.ts';
import { createSigningKey, sign } from './issuer.ts';

const ISSUER = 'https://idp.example.com';
const ORIGIN = 'https://api.example.com';
const [issuerKey, clientKey] = await Promise.all([createSigningKey({ kid: 'a' }), createDpopKey()]);
const legacy = { issuer: ISSUER, audience: 'default-api', keys: { keys: [issuerKey.publicJwk] } };
const withNonce = createValidator({ clients: [], legacy, dpop: { nonce: { secret: 's'.repeat(32) } } });
const withoutNonce = createValidator({ clients: [], legacy });

const closing: (() => Promise<unknown>)[] = [];
afterEach(() => Promise.all(closing.splice(0).map((close) => close())));

type Headers = Record<string, string>;

function tokenOf(claims: Record<string, unknown> = {}): Promise<string> {
  const exp = Math.floor(Date.now() / 1000) + 600;
  return sign({ iss: ISSUER, aud: 'default-api', sub: 'u1', client_id: 'c', exp, ...claims }, issuerKey);
}

const bearer = async (): Promise<Headers> => ({ authorization: `Bearer ${await tokenOf()}` });

/** The headers of a client that knows the nonce, if there is one. */
async function proven(validator: Validator): Promise<Headers> {
  const token = await tokenOf({ cnf: { jkt: clientKey.thumbprint } });
  const { nonce } = validator.dpopChallenge();
  const request = { method: 'GET', url: `${ORIGIN}/orders`, token, nowSeconds: Math.floor(Date.now() / 1000) };
  const proof = await prove(clientKey, request, nonce === undefined ? {} : { claims: { nonce } });
  return { authorization: `DPoP ${token}`, dpop: proof };
}

async function overHttp(listener: Parameters<typeof createServer>[1], headers: Headers): Promise<Response> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  closing.push(async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  });
  return fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}/orders`, { headers });
}

/** Each adapter in front of a handler that responds with 200. */
const ADAPTERS: readonly [string, (validator: Validator, headers: Headers) => Promise<Response>][] = [
  [
    'Express',
    (validator, headers) => {
      const app = express();
      app.get('/orders', expressGuard({ validator, publicUrl: ORIGIN }), (_request, response) => {
        response.send('ok');
      });
      return overHttp(app, headers);
    },
  ],
  [
    'Fastify',
    async (validator, headers) => {
      const app = fastify();
      await app.register(fastifyGuard, { validator, publicUrl: ORIGIN });
      app.get('/orders', async () => 'ok');
      closing.push(() => app.close());
      return fetch(`${await app.listen({ host: '127.0.0.1', port: 0 })}/orders`, { headers });
    },
  ],
  [
    'fetch',
    (validator, headers) =>
      fetchGuard({ validator }, () => new Response('ok'))(new Request(`${ORIGIN}/orders`, { headers })),
  ],
];

describe.each(ADAPTERS)('a response of %s', (_, ask) => {
  test('names the nonce for the next proof', async () => {
    const response = await ask(withNonce, await proven(withNonce));

    expect([response.status, await response.text()]).toEqual([200, 'ok']);
    expect(response.headers.get(NONCE_HEADER)).toBe(withNonce.dpopChallenge().nonce);
  });

  test('names no nonce where the validator needs none, or the token is a bearer token', async () => {
    const responses = await Promise.all([
      ask(withoutNonce, await proven(withoutNonce)),
      ask(withNonce, await bearer()),
      ask(withNonce, await bearer()),
    ]);

    expect(responses.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect(responses.map(({ headers }) => headers.get(NONCE_HEADER))).toEqual([null, null, null]);
  });
});

test('a fetch handler may return a response that is immutable, or that has no body', async () => {
  const ask = async (response: Response) =>
    fetchGuard(
      { validator: withNonce },
      () => response,
    )(new Request(`${ORIGIN}/orders`, { headers: await proven(withNonce) }));
  const redirect = await ask(Response.redirect('https://api.example.com/elsewhere', 303));
  const nothing = await ask(new Response(null, { status: 204, headers: { 'x-kept': '1' } }));

  expect([redirect.status, redirect.headers.get('location')]).toEqual([303, 'https://api.example.com/elsewhere']);
  expect([nothing.status, nothing.headers.get('x-kept')]).toEqual([204, '1']);
  for (const { headers } of [redirect, nothing]) expect(headers.get(NONCE_HEADER)).toBeTruthy();
});

test('an authorizer passes the nonce to the API in its context', async () => {
  const authorize = createHttpApiAuthorizer({ validator: withNonce });
  const event = async (headers: Headers) => ({
    version: '2.0',
    rawPath: '/orders',
    headers,
    requestContext: { domainName: 'api.example.com', http: { method: 'GET' } },
  });

  const { nonce } = withNonce.dpopChallenge();
  expect((await authorize(await event(await proven(withNonce)))).context).toMatchObject({ dpopNonce: nonce });
  expect((await authorize(await event(await bearer()))).context).not.toHaveProperty('dpopNonce');
});
