import { once } from 'node:events';
import { connect as connectHttp2, type IncomingHttpHeaders } from 'node:http2';
import { connect } from 'node:net';
import type { AcceptedJudgement, Judgement } from '@crossfade/core';
import fastify, { type FastifyInstance } from 'fastify';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { crossfade } from '../src/fastify.ts';
import { createValidator, type JudgementContext, type Validator } from '../src/index.ts';
import { createSigningKey, sign, startIssuer } from './issuer.ts';

const ISSUER = 'https://idp.example.com';
const key = await createSigningKey({ kid: 'a' });
const nowSeconds = Math.floor(Date.now() / 1000);

let app: FastifyInstance;
let judgements: Judgement[];
let validator: Validator;

function token(claims: Record<string, unknown> = {}): Promise<string> {
  const exp = nowSeconds + 600;
  return sign({ iss: ISSUER, aud: 'default-api', sub: 'u1', client_id: 'web-app', scope: 'read', exp, ...claims }, key);
}

async function bearer(claims: Record<string, unknown> = {}) {
  return { authorization: `Bearer ${await token(claims)}` };
}

beforeEach(async () => {
  judgements = [];
  validator = createValidator({
    clients: [],
    legacy: { issuer: ISSUER, audience: 'default-api', keys: { keys: [key.publicJwk] } },
    target: { issuer: ISSUER, audience: 'https://api.example.com/orders' },
  });
  app = fastify();
  app.get('/before', async (request) => request.accessToken?.subject);
  await app.register(crossfade, { validator, onJudgement: (judgement) => judgements.push(judgement) });
  app.get('/orders', async (request) => request.accessToken);
  app.get('/admin', { config: { crossfade: { scope: 'read write' } } }, async () => 'ok');
  app.get('/list', { config: { crossfade: { scope: ['read'] } } }, async () => 'ok');
  app.get('/health', { config: { crossfade: { public: true } } }, async (request) => request.accessToken ?? 'none');
});
afterEach(() => app.close());

describe('the crossfade plugin', () => {
  test('passes a request on with its access token', async () => {
    const response = await app.inject({ url: '/orders', headers: await bearer() });

    expect(response.statusCode).toBe(200);
    expect(response.json<AcceptedJudgement>()).toMatchObject({ audience: 'legacy', subject: 'u1', scope: ['read'] });
    expect(judgements).toMatchObject([{ outcome: 'accepted', audience: 'legacy', afterClose: 'rejected' }]);
  });

  test.each(['/before', '/orders', '/admin', '/no-such-route'])('guards %s', async (url) => {
    const response = await app.inject({ url });

    expect(response.statusCode).toBe(401);
    expect(response.headers['www-authenticate']).toBe('Bearer');
    expect(response.headers['content-type']).toContain('application/problem+json');
    expect(response.json()).toMatchObject({ status: 401, reason: 'missing_token' });
    expect(judgements).toEqual([{ outcome: 'rejected', audience: 'none', reason: 'missing_token' }]);
  });

  test('needs no token on a public route, and reads none', async () => {
    const response = await app.inject({ url: '/health', headers: { authorization: 'Bearer nonsense' } });

    expect(response.body).toBe('none');
    expect(judgements).toEqual([]);
  });

  test('demands the scope of the route', async () => {
    const response = await app.inject({ url: '/admin', headers: await bearer() });
    expect(response.statusCode).toBe(403);
    expect(response.headers['www-authenticate']).toContain('scope="read write"');
    expect(response.json()).toMatchObject({ reason: 'insufficient_scope' });

    const granted = await app.inject({ url: '/admin', headers: await bearer({ scope: 'write read' }) });
    expect(granted.statusCode).toBe(200);
    expect((await app.inject({ url: '/list', headers: await bearer() })).statusCode).toBe(200);
  });

  test('accepts only target tokens where the route says so, whatever the switch says', async () => {
    app.get('/new', { config: { crossfade: { audience: 'target' } } }, async () => 'ok');

    const rejected = await app.inject({ url: '/new', headers: await bearer() });
    expect(rejected.statusCode).toBe(401);
    expect(rejected.json()).toMatchObject({ reason: 'legacy_closed' });
    expect(judgements).toMatchObject([{ outcome: 'rejected', audience: 'legacy', reason: 'legacy_closed' }]);
    const target = await bearer({ aud: 'https://api.example.com/orders' });
    expect((await app.inject({ url: '/new', headers: target })).statusCode).toBe(200);
  });

  test('accepts no token on a target-only route without a target side', async () => {
    const legacy = { issuer: ISSUER, audience: 'default-api', keys: { keys: [key.publicJwk] } };
    const early = fastify();
    await early.register(crossfade, { validator: createValidator({ clients: [], legacy }) });
    early.get('/new', { config: { crossfade: { audience: 'target' } } }, async () => 'ok');

    expect((await early.inject({ url: '/new', headers: await bearer() })).json()).toMatchObject({
      reason: 'legacy_closed',
    });
    await early.close();
  });

  test('hides a feature that is off behind the response of a missing route', async () => {
    const hiding = fastify();
    const open = new Set(['shop']);
    const features = { hasAccess: ({ feature }: { feature: string }) => open.has(feature) };
    await hiding.register(crossfade, { validator, features });
    hiding.setNotFoundHandler((request, reply) => reply.code(404).send(`nothing at ${request.url}`));
    hiding.get('/dash', { config: { crossfade: { feature: 'dash', role: 'r', scope: 'write' } } }, async () => 'dash');
    hiding.get('/news', { config: { crossfade: { feature: 'news', public: true } } }, async () => 'news');
    const ask = async (url: string) => {
      const { statusCode, body, headers } = await hiding.inject({ url, headers: await bearer() });
      const { date, ...rest } = headers;
      return { statusCode, body: body.replace(url, ''), headers: { ...rest, 'content-length': undefined } };
    };

    const absent = await ask('/nowhere');
    expect(absent).toMatchObject({ statusCode: 404, body: 'nothing at ' });
    expect(await ask('/dash')).toEqual(absent);
    expect(await ask('/news')).toEqual(absent);
    open.add('dash').add('news');
    expect((await ask('/dash')).statusCode).toBe(403);
    expect((await hiding.inject('/news')).body).toBe('news');
    await hiding.close();
  });

  test('judges a token once with nested guards', async () => {
    const reported: Judgement[] = [];
    const onJudgement = (judgement: Judgement) => reported.push(judgement);
    const outer = fastify();
    await outer.register(crossfade, { validator, onJudgement });
    await outer.register(async (scope) => {
      await scope.register(crossfade, { validator, onJudgement });
      scope.get('/inner', async () => 'inner');
    });

    expect((await outer.inject({ url: '/inner', headers: await bearer() })).statusCode).toBe(200);
    expect(reported).toHaveLength(1);
    await outer.close();
  });

  test('gives the validator the URL that clients use', async () => {
    const contexts: (JudgementContext | undefined)[] = [];
    const seen: Pick<Validator, 'judge'> = {
      judge: (token, context) => {
        contexts.push(context);
        return validator.judge(token, context);
      },
    };
    for (const [server, publicUrl] of [
      [fastify(), undefined],
      [fastify({ trustProxy: true }), undefined],
      [fastify(), 'https://public.example.com'],
    ] as const) {
      await server.register(crossfade, {
        validator: { ...validator, ...seen },
        ...(publicUrl === undefined ? {} : { publicUrl }),
      });
      server.put('/orders', async () => 'ok');
      const forwarded = { 'x-forwarded-proto': 'https', 'x-forwarded-host': 'proxy.example.com' };
      const headers = { host: 'inner:3000', authorization: 'DPoP x', dpop: 'proof', ...forwarded };
      await server.inject({ method: 'PUT', url: '/orders?a=1', headers });
      await server.close();
    }

    expect(contexts).toEqual(
      ['http://inner:3000', 'https://proxy.example.com', 'https://public.example.com'].map((origin) => ({
        scheme: 'DPoP',
        proof: { method: 'PUT', url: `${origin}/orders?a=1`, dpop: ['proof'] },
      })),
    );
  });

  test('rejects a wrong audience with 401, so that the client fetches a new token', async () => {
    const response = await app.inject({ url: '/orders', headers: await bearer({ aud: 'other' }) });

    expect(response.statusCode).toBe(401);
    expect(response.headers['www-authenticate']).toContain('error="invalid_token"');
    expect(response.json()).toMatchObject({ reason: 'wrong_audience' });
  });

  test.each([
    ['a token in the query', '/orders?access_token=TOKEN', {}, 'missing_token'],
    ['another scheme', '/orders', { authorization: 'Basic TOKEN' }, 'missing_token'],
    ['a scheme without a token', '/orders', { authorization: 'Bearer' }, 'malformed_token'],
    ['two tokens in one header', '/orders', { authorization: 'Bearer TOKEN, Bearer TOKEN' }, 'malformed_token'],
  ])('rejects %s', async (_, url, headers, reason) => {
    const insert = (text: string, value: string) => text.replaceAll('TOKEN', value);
    const genuine = await token();
    const filled = Object.fromEntries(Object.entries(headers).map(([name, text]) => [name, insert(text, genuine)]));

    const response = await app.inject({ url: insert(url, genuine), headers: filled });

    expect(response.statusCode).toBe(401);
    expect(response.json()).toMatchObject({ reason });
  });

  test('rejects several Authorization headers, which node:http would hide', async () => {
    const origin = await app.listen({ port: 0, host: '127.0.0.1' });
    const { authorization } = await bearer();
    const headers: [string, string][] = [
      ['authorization', authorization],
      ['authorization', authorization],
    ];

    expect(await statusOf(origin, headers.slice(1))).toBe(200);
    expect(await statusOf(origin, headers)).toBe(401);
    expect(judgements.at(-1)).toMatchObject({ reason: 'malformed_token' });
  });

  test('responds with 503 while keys are unreachable, and meters nothing', async () => {
    const issuer = await startIssuer();
    issuer.responses.clear();
    const cut = fastify();
    await cut.register(crossfade, {
      validator: createValidator({ clients: [], legacy: { issuer: issuer.url, audience: 'a' } }),
      onJudgement: (judgement) => judgements.push(judgement),
    });
    cut.get('/', async () => 'ok');

    const response = await cut.inject({ url: '/', headers: await bearer({ iss: issuer.url, aud: 'a' }) });

    expect(response.statusCode).toBe(503);
    expect(response.headers['retry-after']).toBe('5');
    expect(response.headers['content-type']).toContain('application/problem+json');
    expect(judgements).toEqual([]);
    await issuer.close();
    await cut.close();
  });

  test('guards only the scope it is registered in', async () => {
    const outer = fastify();
    outer.get('/open', async () => 'open');
    await outer.register(async (scope) => {
      await scope.register(crossfade, { validator });
      scope.get('/guarded', async () => 'guarded');
      await scope.register(async (inner) => {
        inner.get('/inner', async () => 'inner');
      });
    });

    expect((await outer.inject('/open')).statusCode).toBe(200);
    expect((await outer.inject('/guarded')).statusCode).toBe(401);
    expect((await outer.inject('/inner')).statusCode).toBe(401);
    expect((await outer.inject({ url: '/inner', headers: await bearer() })).statusCode).toBe(200);
    await outer.close();
  });

  test('gives two scopes a validator each', async () => {
    const outer = fastify();
    for (const [prefix, audience] of [
      ['/a', 'default-api'],
      ['/b', 'other-api'],
    ] as const) {
      await outer.register(
        async (scope) => {
          const legacy = { issuer: ISSUER, audience, keys: { keys: [key.publicJwk] } };
          await scope.register(crossfade, { validator: createValidator({ clients: [], legacy }) });
          scope.get('/', async () => 'ok');
        },
        { prefix },
      );
    }

    expect((await outer.inject({ url: '/a', headers: await bearer() })).statusCode).toBe(200);
    expect((await outer.inject({ url: '/b', headers: await bearer() })).statusCode).toBe(401);
    await outer.close();
  });

  test('ignores a failing meter', async () => {
    const metered = fastify();
    await metered.register(crossfade, {
      validator,
      onJudgement: () => {
        throw new Error('meter');
      },
    });
    metered.get('/', async () => 'ok');

    expect((await metered.inject({ url: '/', headers: await bearer() })).statusCode).toBe(200);
    expect((await metered.inject('/')).statusCode).toBe(401);
    await metered.close();
  });

  test('fails the start on a typo in a route', async () => {
    const wrong: object = { scopes: ['read'], public: 'yes' };

    expect(() => app.get('/wrong', { config: { crossfade: wrong } }, async () => 'ok')).toThrow(
      /route \/wrong: config\.crossfade: public: .*; scopes: is not a known setting/,
    );
  });

  test('fails the start on a public route that demands scope', () => {
    const crossfade = { scope: 'read', public: true };

    expect(() => app.get('/both', { config: { crossfade } }, async () => 'ok')).toThrow('public: excludes scope');
  });

  test('fails the start on a feature without the features option', () => {
    const crossfade = { feature: 'dash' };

    expect(() => app.get('/dash', { config: { crossfade } }, async () => 'ok')).toThrow(
      'feature: needs the features option',
    );
  });

  test('fails the start without a validator', async () => {
    const options = {} as { validator: Validator };

    await expect(fastify().register(crossfade, options)).rejects.toMatchObject({ code: 'config_invalid' });
  });
});

describe('the crossfade plugin over HTTP/2', () => {
  const sunset = { deprecatedMs: Date.parse('2026-12-30T23:00:00Z'), sunsetMs: Date.parse('2027-01-31T00:00:00Z') };
  const announced = { deprecation: '@1798671600', sunset: 'Sun, 31 Jan 2027 00:00:00 GMT' };
  const target = { aud: 'https://api.example.com/orders' };

  test('announces the end of the legacy audience to legacy tokens alone, accepted or not', async () => {
    const api = fastify({ http2: true });
    await api.register(crossfade, { validator, sunset });
    api.get('/orders', async () => 'ok');
    api.get('/admin', { config: { crossfade: { scope: 'write' } } }, async () => 'ok');
    const session = connectHttp2(await api.listen({ host: '127.0.0.1', port: 0 }));
    const send = async (path: string, claims: object) => {
      const stream = session.request({ ':path': path, ...(await bearer({ ...claims })) });
      const [headers] = (await once(stream, 'response')) as [IncomingHttpHeaders];
      await stream.resume().toArray();
      return headers;
    };
    try {
      expect(await send('/orders', {})).toMatchObject({ ':status': 200, ...announced });
      expect(await send('/admin', {})).toMatchObject({ ':status': 403, ...announced });
      for (const path of ['/orders', '/admin']) {
        const headers = await send(path, target);
        expect(headers).not.toHaveProperty('sunset');
        expect(headers).not.toHaveProperty('deprecation');
      }
    } finally {
      session.destroy();
      await api.close();
    }
  });
});

/** Over a socket, because `fetch` would join the headers. */
async function statusOf(origin: string, headers: readonly [string, string][]): Promise<number> {
  const { port, hostname } = new URL(origin);
  const lines = headers.map(([name, value]) => `${name}: ${value}`).join('\r\n');
  const socket = connect(Number(port), hostname);
  socket.write(`GET /orders HTTP/1.1\r\nhost: a\r\nconnection: close\r\n${lines}\r\n\r\n`);
  let text = '';
  for await (const chunk of socket) text += String(chunk);
  return Number(text.split(' ')[1]);
}
