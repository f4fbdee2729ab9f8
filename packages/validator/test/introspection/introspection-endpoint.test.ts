import { inspect } from 'node:util';
import { UnavailableError } from '@crossfade/core';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openIntrospectionEndpoint } from '../../src/introspection/introspection-endpoint.ts';
import type { IntrospectionSettings } from '../../src/introspection/introspection-options.ts';
import { localKeys } from '../../src/keys/issuer-keys.ts';
import { readKeySet } from '../../src/keys/key-set.ts';
import {
  type IntrospectionServer,
  respondJson,
  respondStatus,
  respondText,
  startIntrospectionServer,
} from '../introspection-server.ts';
import { createSigningKey, startIssuer } from '../issuer.ts';

const TOKEN = 'opaque-T0ken+/.~';
const SECRET = 's3cret+%:&=';

const keySet = readKeySet({ keys: [(await createSigningKey()).publicJwk] });
if (keySet === undefined) throw new Error('no key');
const verifier = { keys: localKeys(keySet), clockToleranceSeconds: 5, now: Date.now };
let server: IntrospectionServer;

beforeEach(async () => {
  server = await startIntrospectionServer();
});
afterEach(() => server.close());

function open(more: Partial<IntrospectionSettings> = {}) {
  return openIntrospectionEndpoint(
    {
      sides: ['legacy'],
      issuer: server.url.origin,
      issuers: [server.url.origin],
      endpoint: server.url,
      clientId: 'orders-api',
      clientSecret: SECRET,
      authentication: 'client_secret_basic',
      response: 'json',
      impliedAudience: undefined,
      algorithms: new Set(['ES256']),
      maxAgeMs: 30_000,
      timeoutMs: 5000,
      ...more,
    },
    verifier,
  );
}

async function failureOf(introspecting: Promise<unknown>): Promise<UnavailableError> {
  const failure = await introspecting.then(
    () => undefined,
    (error: unknown) => error,
  );
  expect(failure).toBeInstanceOf(UnavailableError);
  return failure as UnavailableError;
}

describe('introspect', () => {
  test('sends the token in a form, never in the URL', async () => {
    server.respond = respondJson({ active: true, sub: 'u1' });

    expect(await open().introspect(TOKEN)).toEqual({ active: true, sub: 'u1' });
    expect(server.requests).toHaveLength(1);
    const [request] = server.requests;
    expect(request).toMatchObject({
      method: 'POST',
      url: '/introspect',
      headers: { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' },
    });
    expect(Object.fromEntries(request?.form ?? [])).toEqual({ token: TOKEN, token_type_hint: 'access_token' });
    expect(JSON.stringify(request?.headers)).not.toContain(TOKEN);
  });

  test.each([
    [500, 'answered 500'],
    [502, 'answered 502'],
    [204, 'answered 204'],
    [302, 'answered 302'],
    [307, 'answered 307'],
    [400, 'answered 400'],
    [404, 'answered 404'],
    [401, 'rejects the credentials of this API (401): check introspection.clientId and clientSecret'],
    [403, 'rejects the credentials of this API (403): check introspection.clientId and clientSecret'],
  ])('reports status %d as an outage, without a redirect', async (status, message) => {
    server.respond = respondStatus(status, { location: `${server.url.origin}/elsewhere` });
    const failure = await failureOf(open().introspect(TOKEN));

    expect(failure.message).toBe(`the introspection endpoint of ${server.url.origin} ${message}`);
    expect(server.requests.map(({ url }) => url)).toEqual(['/introspect']);
  });

  test.each([
    ['7', 7],
    ['0', 0],
    ['999999', 300],
    ['-1', 5],
    ['soon', 5],
    ['Wed, 21 Oct 2026 07:28:00 GMT', 5],
  ])('passes on a Retry-After of %s where it is valid', async (value, seconds) => {
    server.respond = respondStatus(429, { 'retry-after': value });

    expect(await failureOf(open().introspect(TOKEN))).toMatchObject({
      message: expect.stringContaining('answered 429'),
      retryAfterSeconds: seconds,
    });
  });

  test.each([
    ['HTML', respondText('<html>maintenance</html>', { 'content-type': 'text/html' })],
    ['nothing', respondText('')],
    ['half of it', respondText('{"active":tr')],
    ['too much', respondText(`{"active":true,"pad":"${'x'.repeat(70_000)}"}`)],
    ['a list', respondJson([{ active: true }])],
    ['no active', respondJson({ sub: 'u1' })],
    ['broken compression', respondText('{"active":true}', { 'content-encoding': 'gzip' })],
  ])('reports a response of %s as an outage', async (_, respond) => {
    server.respond = respond;

    await failureOf(open().introspect(TOKEN));
  });

  test('stops reading a response that exceeds the limit', async () => {
    let isCutOff = false;
    server.respond = (response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      const more = (): void => void response.write('x'.repeat(16_384), (error) => error || setImmediate(more));
      more();
      response.once('close', () => {
        isCutOff = true;
      });
    };

    expect((await failureOf(open().introspect(TOKEN))).message).toContain('more than 65536 bytes');
    await expect.poll(() => isCutOff, { timeout: 5000 }).toBe(true);
  });

  test.each([
    ['that never comes', () => {}],
    [
      'that never ends',
      (response: Parameters<IntrospectionServer['respond']>[0]) => {
        response.writeHead(200, { 'content-type': 'application/json' }).write('{"active":');
      },
    ],
  ])('times out on a response %s', async (_, respond) => {
    server.respond = respond;

    expect((await failureOf(open({ timeoutMs: 50 }).introspect(TOKEN))).message).toContain(
      'did not respond in time: not done in 50 ms',
    );
  });

  test('reports an unreachable endpoint as an outage', async () => {
    const endpoint = open();
    await server.close();

    expect((await failureOf(endpoint.introspect(TOKEN))).message).toContain('cannot be reached');
    server = await startIntrospectionServer();
  });

  test('retries once when the connection closes', async () => {
    server.respond = (response) => {
      response.destroy();
      server.respond = respondJson({ active: true });
    };

    expect(await open().introspect(TOKEN)).toEqual({ active: true });
    expect(server.requests).toHaveLength(2);
  });

  test('reports an outage when the retry fails, too', async () => {
    server.respond = (response) => response.destroy();

    expect((await failureOf(open().introspect(TOKEN))).message).toContain('cannot be reached');
    expect(server.requests).toHaveLength(2);
  });

  test('no failure contains the token, the credentials or the response', async () => {
    const responses = [
      respondStatus(401),
      respondStatus(500),
      respondText(`{"active":"${TOKEN}"}`),
      respondText(TOKEN),
      respondText(TOKEN, { 'content-type': 'application/token-introspection+jwt' }),
      ((response) => response.destroy()) satisfies IntrospectionServer['respond'],
      (() => {}) satisfies IntrospectionServer['respond'],
    ];
    for (const respond of responses) {
      server.respond = respond;
      const failure = await failureOf(open({ timeoutMs: 50 }).introspect(TOKEN));
      const printed = inspect(failure, { depth: 10, showHidden: true }) + JSON.stringify(failure);

      expect(printed).not.toContain(TOKEN);
      expect(printed).not.toContain(encodeURIComponent(TOKEN));
      expect(printed).not.toContain(SECRET);
    }
  });

  test('sends at most 128 concurrent requests for unknown tokens', async () => {
    server.respond = () => {};
    const endpoint = open();
    const introspecting = Array.from({ length: 1000 }, (_, index) => endpoint.introspect(`${TOKEN}${index}`));
    const outcomes = Promise.allSettled(introspecting);
    await expect.poll(() => server.requests.length, { timeout: 5000 }).toBe(128);
    const rejected = await failureOf(endpoint.introspect(TOKEN));
    endpoint.close();

    expect(rejected).toMatchObject({
      message: expect.stringContaining('too many requests in progress'),
      retryAfterSeconds: 1,
    });
    for (const { status } of await outcomes) expect(status).toBe('rejected');
    expect(server.requests).toHaveLength(128);
  });

  test('keeps room for tokens that were active before', async () => {
    server.respond = () => {};
    const endpoint = open({ timeoutMs: 60_000 });
    const introspect = (count: number, history: 'known' | 'new') =>
      Promise.allSettled(
        Array.from({ length: count }, (_, index) => endpoint.introspect(`${history}-${index}`, history)),
      );
    const outcomes = Promise.all([introspect(300, 'new'), introspect(128, 'known')]);
    await expect.poll(() => server.requests.length, { timeout: 50_000 }).toBe(256);
    const rejected = await Promise.all([
      failureOf(endpoint.introspect('a', 'new')),
      failureOf(endpoint.introspect('b', 'known')),
    ]);
    endpoint.close();
    await outcomes;

    for (const { message } of rejected) expect(message).toContain('too many requests in progress');
    expect(server.requests).toHaveLength(256);
  }, 60_000);

  test('sends one request at a time to an endpoint that hangs, until it responds', async () => {
    server.respond = () => {};
    const endpoint = open({ timeoutMs: 50 });
    await Promise.all(Array.from({ length: 5 }, (_, index) => failureOf(endpoint.introspect(`${TOKEN}${index}`))));
    const probe = failureOf(endpoint.introspect(TOKEN));
    const next = await failureOf(endpoint.introspect(TOKEN));

    expect(next.message).toContain('did not respond to the last 5 requests');
    expect((await probe).message).toContain('did not respond in time');
    server.respond = respondJson({ active: false });
    const introspectTwice = () =>
      Promise.all([endpoint.introspect(TOKEN), endpoint.introspect(TOKEN)]).catch(() => 'not yet');
    await expect.poll(() => endpoint.introspect(TOKEN).catch(() => 'not yet'), { timeout: 5000 }).toBe('inactive');
    await expect.poll(introspectTwice, { timeout: 5000 }).toEqual(['inactive', 'inactive']);
  });

  test('sends nothing after close', async () => {
    const endpoint = open();
    endpoint.close();

    expect((await failureOf(endpoint.introspect(TOKEN))).message).toContain('is not used any more');
    expect(server.requests).toHaveLength(0);
  });
});

describe('an endpoint from the issuer’s metadata', () => {
  test('is discovered once, and again after it moves', async () => {
    const issuer = await startIssuer();
    const metadata = { issuer: issuer.url, introspection_endpoint: server.url };
    issuer.responses.set('/.well-known/openid-configuration', { json: metadata });
    const endpoint = open({ issuer: issuer.url, issuers: [issuer.url], endpoint: 'metadata' });
    server.respond = respondJson({ active: true });
    await endpoint.introspect(TOKEN);
    await endpoint.introspect(TOKEN);
    expect(issuer.requests).toHaveLength(1);

    const moved = await startIntrospectionServer();
    moved.respond = respondJson({ active: false });
    issuer.responses.set('/.well-known/openid-configuration', {
      json: { issuer: issuer.url, introspection_endpoint: moved.url },
    });
    server.respond = respondStatus(404);
    await failureOf(endpoint.introspect(TOKEN));
    await expect.poll(() => endpoint.introspect(TOKEN).catch(() => 'not yet'), { timeout: 5000 }).toBe('inactive');
    expect(issuer.requests).toHaveLength(2);
    await Promise.all([issuer.close(), moved.close()]);
  });

  test('is an outage while no metadata names it', async () => {
    const issuer = await startIssuer();
    const endpoint = open({ issuer: issuer.url, issuers: [issuer.url], endpoint: 'metadata' });

    expect((await failureOf(endpoint.introspect(TOKEN))).message).toBe(
      `the introspection endpoint of ${issuer.url} cannot be found`,
    );
    expect(server.requests).toHaveLength(0);
    await issuer.close();
  });
});
