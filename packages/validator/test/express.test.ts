import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Judgement } from '@crossfade/core';
import express5, { type Express } from 'express';
import express4 from 'express4';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { crossfade, protectedResource } from '../src/express.ts';
import { createValidator, type JudgementContext, type Validator } from '../src/index.ts';
import { createSigningKey, sign } from './issuer.ts';

const ISSUER = 'https://idp.example.com';
const key = await createSigningKey({ kid: 'a' });

let validator: Validator;
const closing: (() => Promise<unknown>)[] = [];

beforeEach(() => {
  validator = createValidator({
    clients: [],
    legacy: { issuer: ISSUER, audience: 'default-api', keys: { keys: [key.publicJwk] } },
  });
});
afterEach(() => Promise.all(closing.splice(0).map((close) => close())));

async function bearer(claims: Record<string, unknown> = {}) {
  const exp = Math.floor(Date.now() / 1000) + 600;
  const token = await sign({ iss: ISSUER, aud: 'default-api', sub: 'u1', scope: 'read', exp, ...claims }, key);
  return { authorization: `Bearer ${token}` };
}

async function start(app: Express): Promise<string> {
  const server = createServer(app).listen(0, '127.0.0.1');
  await once(server, 'listening');
  closing.push(async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describe.each([
  ['Express 5', express5],
  ['Express 4', express4 as unknown as typeof express5],
])('the middleware of %s', (_, express) => {
  test('passes the access token on, also to a nested router', async () => {
    const app = express();
    const router = express.Router();
    router.get('/orders', (request, response) => {
      response.json({ subject: request.accessToken?.subject, audience: request.accessToken?.audience });
    });
    app.use('/api', crossfade({ validator }), router);
    const base = await start(app);

    const response = await fetch(`${base}/api/orders`, { headers: await bearer() });
    expect(await response.json()).toEqual({ subject: 'u1', audience: 'legacy' });
    expect((await fetch(`${base}/api/orders`)).status).toBe(401);
  });

  test('judges a token once for any number of guards', async () => {
    const judgements: Judgement[] = [];
    const shared = { validator, onJudgement: (judgement: Judgement) => judgements.push(judgement) };
    const app = express();
    app.use(crossfade(shared));
    app.get('/read', crossfade({ ...shared, scope: 'read' }), (_request, response) => response.send('ok'));
    app.get('/write', crossfade({ ...shared, scope: ['write'] }), (_request, response) => response.send('ok'));
    const base = await start(app);

    expect((await fetch(`${base}/read`, { headers: await bearer() })).status).toBe(200);
    const rejected = await fetch(`${base}/write`, { headers: await bearer() });
    expect(rejected.status).toBe(403);
    expect(rejected.headers.get('www-authenticate')).toContain('scope="write"');
    expect(judgements).toMatchObject([{ outcome: 'accepted' }, { outcome: 'accepted' }]);
  });

  test('judges a token again that another validator accepted', async () => {
    const legacy = { issuer: ISSUER, audience: 'other-api', keys: { keys: [key.publicJwk] } };
    const app = express();
    app.use(crossfade({ validator }), crossfade({ validator: createValidator({ clients: [], legacy }) }));
    app.get('/', (_request, response) => response.send('ok'));

    expect((await fetch(await start(app), { headers: await bearer() })).status).toBe(401);
  });

  test.each([
    ['as a route', (app: Express, guard: ReturnType<typeof crossfade>) => app.get('/dash', guard, reveal)],
    ['on the application', (app: Express, guard: ReturnType<typeof crossfade>) => app.use('/dash', guard, reveal)],
    [
      'in a router',
      (app: Express, guard: ReturnType<typeof crossfade>) => app.use(express.Router().use(guard), reveal),
    ],
  ])('hides a feature that is off, guarded %s', async (_where, mount) => {
    const app = express();
    mount(app, crossfade({ validator, features: { hasAccess: () => false }, feature: 'dash' }));
    const base = await start(app);

    const response = await fetch(`${base}/dash?x='<&`, { headers: await bearer() });

    expect(response.status).toBe(404);
    const absent = await fetch(`${await start(express().use((_request, _response, next) => next()))}/dash`);
    expect(await response.text()).toBe(await absent.text());
    const headersOf = (response: Response) => [...response.headers.keys()];
    expect(headersOf(response).sort()).toEqual(headersOf(absent).sort());
  });

  test('lets the application respond for a hidden route', async () => {
    const app = express();
    const notFound = crossfade({
      validator,
      features: { hasAccess: () => false },
      feature: 'dash',
      notFound: (_request, response) => response.writeHead(404).end('nothing here'),
    });
    app.get('/', notFound, reveal);

    expect(await (await fetch(await start(app), { headers: await bearer() })).text()).toBe('nothing here');
  });

  test('serves the metadata of the API without a token, and points to it', async () => {
    const resource = 'https://api.example.com/orders';
    const app = express();
    app.use(protectedResource({ validator, resource }), crossfade({ validator, resource }));
    const base = await start(app);

    const response = await fetch(`${base}/.well-known/oauth-protected-resource/orders?x`);
    expect(response.headers.get('content-type')).toBe('application/json');
    expect(await response.json()).toMatchObject({ resource, authorization_servers: [ISSUER] });
    expect((await fetch(`${base}/.well-known/oauth-protected-resource`)).status).toBe(401);
    expect((await fetch(base)).headers.get('www-authenticate')).toBe(
      'Bearer resource_metadata="https://api.example.com/.well-known/oauth-protected-resource/orders"',
    );
  });
});

test('the middleware fits the types of both versions of Express', () => {
  const guard = crossfade({ validator });

  expect([express4().use(guard), express5().use(guard), express4.Router().get('/', guard)]).toHaveLength(3);
});

test('the middleware trusts no proxy where there is no application to ask', async () => {
  const contexts: (JudgementContext | undefined)[] = [];
  const judge: Validator['judge'] = (token, context) => {
    contexts.push(context);
    return validator.judge(token, context);
  };
  const guard = crossfade({ validator: { ...validator, judge } });
  const server = createServer((request, response) =>
    guard(Object.assign(request, { originalUrl: request.url ?? '', protocol: 'http' }), response, () => response.end()),
  ).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  const headers = { authorization: 'DPoP x', dpop: 'proof', 'x-forwarded-host': 'evil.example.com' };
  expect((await fetch(`${base}/orders`, { headers })).status).toBe(401);
  expect(contexts).toMatchObject([{ proof: { url: `${base}/orders` } }]);
  server.closeAllConnections();
  server.close();
});

test('the middleware passes an error of the validator itself to the error handler', async () => {
  const broken = { ...validator, judge: () => Promise.reject(new Error('broken')) };
  const app = express5();
  app.use(crossfade({ validator: broken }));
  app.use(((_error, _request, response, _next) =>
    response.status(500).send('handled')) as express5.ErrorRequestHandler);

  expect(await (await fetch(await start(app))).text()).toBe('handled');
});

test('the middleware lists every problem of its options', () => {
  const options = { scope: 'a"b', role: 'r', feature: '', audience: 'legacy', public: true, publicUrl: 'https://a/?b' };

  expect(() => crossfade(options as unknown as Parameters<typeof crossfade>[0])).toThrow(
    /validator: .*publicUrl: .*scope: .*audience: .*feature: .*public: is not a known setting/,
  );
  expect(() => crossfade({ validator, role: 'r' })).toThrow('role: needs a feature');
  expect(() => crossfade({ validator, feature: 'f' })).toThrow('features: is required with feature');
});

function reveal(_request: unknown, response: express5.Response): void {
  response.send('revealed');
}
