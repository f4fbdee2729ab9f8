import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import type { ApiResponse, Judgement, UnavailableError } from '@crossfade/core';
import express from 'express';
import fastify from 'fastify';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { crossfade as guardExpress } from '../../src/express.ts';
import { crossfade as guardFastify } from '../../src/fastify.ts';
import { crossfade as guardFetch } from '../../src/fetch.ts';
import type { RequestMeter } from '../../src/guard/request-meter.ts';
import { createValidator, type Validator } from '../../src/index.ts';
import { createHttpApiAuthorizer } from '../../src/lambda.ts';
import { createSigningKey, sign } from '../issuer.ts';

const ISSUER = 'https://idp.example.com';
const key = await createSigningKey({ kid: 'a' });
const exp = Math.floor(Date.now() / 1000) + 600;
const mint = async (aud: string) =>
  `Bearer ${await sign({ iss: ISSUER, aud, sub: 'u1', client_id: 'web-app', scope: 'read', exp }, key)}`;
const LEGACY = await mint('default-api');

let validator: Validator;
/** What was counted, in order. */
let counted: string[];
let metrics: RequestMeter;
const closing: (() => Promise<unknown>)[] = [];

beforeEach(() => {
  validator = createValidator({
    clients: [],
    legacy: { issuer: ISSUER, audience: 'default-api', keys: { keys: [key.publicJwk] } },
    target: { issuer: ISSUER, audience: 'https://api.example.com/orders' },
  });
  counted = [];
  metrics = {
    countJudgement: (judgement: Judgement) =>
      void counted.push(`${judgement.audience} ${judgement.outcome === 'accepted' ? 'accepted' : judgement.reason}`),
    countUnavailable: ({ dependency }: Pick<UnavailableError, 'dependency'>) => void counted.push(`503 ${dependency}`),
    countPreflight: () => void counted.push('preflight'),
    countResponse: ({ audience }: Judgement, { status }: ApiResponse) => void counted.push(`${audience} got ${status}`),
    observeDuration: (seconds: number) => void counted.push(seconds >= 0 ? 'timed' : 'a negative time'),
  };
});
afterEach(() => Promise.all(closing.splice(0).map((close) => close())));

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  closing.push(async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const becomes = (expected: readonly string[]) => vi.waitFor(() => expect(counted).toEqual(expected));

describe('a request on whose way there are several guards', () => {
  test('counts once, with the response of the API', async () => {
    const app = express();
    app.use(guardExpress({ validator, metrics }));
    app.get(
      '/orders',
      guardExpress({ validator, metrics, scope: 'read' }),
      (_, response) => void response.sendStatus(204),
    );
    const base = await serve(app);
    await fetch(`${base}/orders`, { headers: { authorization: LEGACY } });
    await becomes(['timed', 'legacy accepted', 'legacy got 204']);
  });

  test('counts no response where the second guard refuses what the first one accepted', async () => {
    const app = express();
    app.use(guardExpress({ validator, metrics }));
    app.get('/new', guardExpress({ validator, metrics, audience: 'target' }), (_, response) => void response.send());
    app.get('/after', (_, response) => void response.sendStatus(200));
    const base = await serve(app);
    expect((await fetch(`${base}/new`, { headers: { authorization: LEGACY } })).status).toBe(401);
    await fetch(`${base}/after`, { headers: { authorization: LEGACY } });
    await becomes(['timed', 'legacy accepted', 'timed', 'legacy accepted', 'legacy got 200']);
  });
});

test('the rules of a route decide about what is counted, as they do about the response', async () => {
  const app = fastify();
  closing.push(() => app.close());
  await app.register(guardFastify, { validator, metrics });
  app.get('/new', { config: { crossfade: { audience: 'target' } } }, async () => 'ok');
  app.get('/public', { config: { crossfade: { public: true } } }, async () => 'ok');
  await app.inject({ url: '/new', headers: { authorization: LEGACY } });
  await app.inject({ url: '/public', headers: { authorization: LEGACY } });
  await app.inject({ url: '/nowhere', headers: { authorization: LEGACY } });
  await becomes(['timed', 'legacy legacy_closed', 'timed', 'legacy accepted', 'legacy got 404']);
});

test('a request whose token cannot be judged counts as unavailable, without a duration', async () => {
  const issuer = 'http://127.0.0.1:1';
  validator = createValidator({ clients: [], legacy: { issuer, audience: 'default-api' } });
  const handler = guardFetch({ validator, metrics }, () => new Response());
  const authorization = `Bearer ${await sign({ iss: issuer, aud: 'default-api', exp }, key)}`;
  const response = await handler(new Request('http://127.0.0.1/orders', { headers: { authorization } }));
  expect(response.status).toBe(503);
  expect(counted).toEqual(['503 keys']);
});

test('a fetch handler counts its own response, and a guard that rejects counts none', async () => {
  const handler = guardFetch({ validator, metrics }, () => new Response('', { status: 401 }));
  await handler(new Request('http://127.0.0.1/orders', { headers: { authorization: LEGACY } }));
  await handler(new Request('http://127.0.0.1/orders'));
  expect(counted).toEqual(['timed', 'legacy accepted', 'legacy got 401', 'timed', 'none missing_token']);
});

test('a response that is cut off after its head counts, and one that was never begun does not', async () => {
  const app = express();
  app.use(guardExpress({ validator, metrics }));
  app.get('/stream', (_, response) => void response.write('data: 1\n\n'));
  app.get('/silent', (request) => void request.socket.destroySoon());
  const base = await serve(app);
  const abort = new AbortController();
  await fetch(`${base}/stream`, { headers: { authorization: LEGACY }, signal: abort.signal });
  abort.abort();
  await becomes(['timed', 'legacy accepted', 'legacy got 200']);
  await expect(fetch(`${base}/silent`, { headers: { authorization: LEGACY } })).rejects.toThrow();
  await becomes(['timed', 'legacy accepted', 'legacy got 200', 'timed', 'legacy accepted']);
});

test('a request that becomes a WebSocket counts, and its response says nothing', async () => {
  const app = express();
  app.use(guardExpress({ validator, metrics }));
  app.use((request) => void request.socket.end('HTTP/1.1 101 Switching Protocols\r\n\r\n'));
  const base = new URL(await serve(app));
  const socket = connect(Number(base.port), base.hostname);
  socket.write(`GET /live HTTP/1.1\r\nHost: api\r\nAuthorization: ${LEGACY}\r\n\r\n`);
  await once(socket.resume(), 'close');
  await becomes(['timed', 'legacy accepted']);
});

test('what an OPTIONS request gets proves nothing, because CORS layers respond before the API looks at the token', async () => {
  const handler = guardFetch({ validator, metrics }, () => new Response());
  await handler(new Request('http://127.0.0.1/orders', { method: 'OPTIONS', headers: { authorization: LEGACY } }));
  expect(counted).toEqual(['timed', 'legacy accepted']);
});

test('metrics that are none are refused with what is expected, and a Lambda authorizer takes none: nothing scrapes it', async () => {
  const wrong = { validator, metrics: { countJudgement() {} } as never };
  const problem = /metrics: must be metrics of createValidatorMetrics/;
  expect(() => guardExpress(wrong)).toThrow(problem);
  expect(() => guardFetch(wrong, () => new Response())).toThrow(problem);
  await expect(fastify().register(guardFastify, wrong)).rejects.toThrow(problem);
  expect(() => createHttpApiAuthorizer({ validator, metrics } as never)).toThrow(/metrics/);
});
