import { ConfigError, UnavailableError } from '@crossfade/core';
import { customFetch } from 'openid-client';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createProvider } from '../../src/provider/create-provider.ts';
import { type JsonServer, startJsonServer } from '../fixture/json-server.ts';

const OIDC = '/.well-known/openid-configuration';
const OAUTH = '/.well-known/oauth-authorization-server';

let server: JsonServer;
let nowMs: number;
beforeEach(async () => {
  server = await startJsonServer();
  nowMs = Date.parse('2026-11-27T12:00:00Z');
});
afterEach(() => server.close());

function provider({ issuer = server.url, timeoutMs = 2000 } = {}) {
  return createProvider({ issuer, clientId: 'web-app', timeoutMs }, () => nowMs);
}

/** Sends a request to an endpoint of the provider. */
function ask(from: ReturnType<typeof provider>, path: string): Promise<number | undefined> {
  return from.request('a request', async (configuration) => {
    const get = { method: 'GET', headers: {}, body: null, redirect: 'manual' } as const;
    const response = await configuration[customFetch]?.(`${server.url}${path}`, get);
    if (response?.status !== 200) throw new UnavailableError('busy');
    return response.status;
  });
}

const metadata = (issuer = server.url, more = {}) => ({ issuer, token_endpoint: `${server.url}/token`, ...more });
const tokenEndpoint = (from: ReturnType<typeof provider>) =>
  from.request('a request', async (configuration) => configuration.serverMetadata().token_endpoint);

async function failure(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => expect.unreachable('should have failed'),
    (error: unknown) => error,
  );
}

test('metadata is fetched at the first request, once for all concurrent ones', async () => {
  server.routes = { [OIDC]: metadata() };
  const lazy = provider();
  expect(server.requests).toEqual([]);
  const endpoints = await Promise.all(Array.from({ length: 50 }, () => tokenEndpoint(lazy)));
  expect(new Set(endpoints)).toEqual(new Set([`${server.url}/token`]));
  expect(server.requests).toEqual([OIDC]);
});

test('a provider that is down at first is asked again later, and not in a storm', async () => {
  const { url } = server;
  await server.close();
  const early = provider({ issuer: url });
  const failures = await Promise.all(Array.from({ length: 20 }, () => failure(tokenEndpoint(early))));
  expect(failures.every((error) => error instanceof UnavailableError)).toBe(true);
  server = await startJsonServer(Number(new URL(url).port));
  server.routes = { [OIDC]: metadata(url) };
  await failure(tokenEndpoint(early));
  expect(server.requests).toEqual([]);
  nowMs += 501;
  expect(await tokenEndpoint(early)).toBe(`${url}/token`);
});

test('the time between two tries doubles, up to ten seconds', async () => {
  server.routes = { [OIDC]: (_, response) => response.writeHead(500).end() };
  const failing = provider();
  const tries: number[] = [];
  for (let ms = 0; ms < 60_000; ms += 250) {
    const before = server.requests.length;
    await failure(tokenEndpoint(failing));
    if (server.requests.length > before) tries.push(ms);
    nowMs += 250;
  }
  const gaps = tries.map((ms, index) => ms - (tries[index - 1] ?? ms)).slice(1);
  expect(gaps).toEqual([500, 1000, 2000, 4000, 8000, 10_000, 10_000, 10_000, 10_000]);
});

test('metadata is renewed beside the requests after an hour, and a failing renewal keeps it', async () => {
  server.routes = { [OIDC]: metadata() };
  const lasting = provider();
  await tokenEndpoint(lasting);
  nowMs += 3600 * 1000;
  server.routes = { [OIDC]: (_, response) => response.writeHead(500).end() };
  expect(await tokenEndpoint(lasting)).toBe(`${server.url}/token`);
  await expect.poll(() => server.requests.length).toBe(2);

  nowMs += 1000;
  server.routes = { [OIDC]: metadata(server.url, { token_endpoint: `${server.url}/moved` }) };
  expect(await tokenEndpoint(lasting)).toBe(`${server.url}/token`);
  await expect.poll(() => tokenEndpoint(lasting)).toBe(`${server.url}/moved`);
  expect(server.requests).toHaveLength(3);
});

test.each([
  ['without a path', '', OAUTH],
  ['with a path', '/tenant/a', `${OAUTH}/tenant/a`],
])('a server that has only the metadata of OAuth 2.0 is found %s', async (_, path, wellKnown) => {
  const issuer = `${server.url}${path}`;
  server.routes = { [wellKnown]: metadata(issuer) };
  expect(await tokenEndpoint(provider({ issuer }))).toBe(`${server.url}/token`);
  expect(server.requests).toEqual([`${path}${OIDC}`, wellKnown]);
});

test('an outage is not taken for missing metadata', async () => {
  server.routes = { [OIDC]: (_, response) => response.writeHead(503).end(), [OAUTH]: metadata() };
  expect(await failure(tokenEndpoint(provider()))).toBeInstanceOf(UnavailableError);
  expect(server.requests).toEqual([OIDC]);
});

test('a server without any metadata is told from one that is down', async () => {
  expect(await failure(tokenEndpoint(provider()))).toMatchObject({ code: 'invalid_response', check: 'status' });
});

test.each([
  ['without a path, as at Auth0', '', '/'],
  ['without a path, the other way', '/', ''],
])('a slash at the end of an issuer makes no difference %s', async (_, configured, named) => {
  server.routes = { [OIDC]: metadata(`${server.url}${named}`) };
  expect(await tokenEndpoint(provider({ issuer: `${server.url}${configured}` }))).toBe(`${server.url}/token`);
});

test('a slash at the end of a path is another issuer, and the error says so', async () => {
  server.routes = { [`/tenant${OIDC}`]: metadata(`${server.url}/tenant/`) };
  const error = await failure(tokenEndpoint(provider({ issuer: `${server.url}/tenant` })));
  expect(error).toBeInstanceOf(ConfigError);
  expect(error).toMatchObject({
    problems: [{ path: 'issuer', message: expect.stringContaining('differs by the slash at its end') }],
  });
});

test('metadata of another issuer is refused, and its name stays out of the error', async () => {
  server.routes = { [OIDC]: metadata('https://evil.example.com') };
  const error = await failure(tokenEndpoint(provider()));
  expect(error).toMatchObject({ code: 'config_invalid', message: expect.not.stringContaining('evil') });
});

test('a response without an end is cut off', async () => {
  server.routes = {
    [OIDC](_, response) {
      response.writeHead(200, { 'content-type': 'application/json' });
      const more = () => response.write('"'.repeat(100_000), () => setImmediate(more));
      more();
    },
  };
  expect(await failure(tokenEndpoint(provider()))).toBeInstanceOf(UnavailableError);
});

test.each(['seconds', 'date'])('a provider that asks to wait is not asked meanwhile (%s)', async (form) => {
  const later = form === 'seconds' ? '30' : new Date(nowMs + 30_000).toUTCString();
  server.routes = { [OIDC]: (_, response) => response.writeHead(429, { 'retry-after': later }).end() };
  const busy = provider();
  expect(await failure(tokenEndpoint(busy))).toMatchObject({ code: 'unavailable', retryAfterSeconds: 30 });
  nowMs += 12_000;
  expect(await failure(tokenEndpoint(busy))).toMatchObject({ code: 'unavailable', retryAfterSeconds: 18 });
  expect(server.requests).toEqual([OIDC]);
  nowMs += 18_000;
  server.routes = { [OIDC]: metadata() };
  expect(await tokenEndpoint(busy)).toBe(`${server.url}/token`);
});

test('after the wait one request goes alone, and the others fail at once until it settles', async () => {
  server.routes = { [OIDC]: metadata() };
  const busy = provider();
  await tokenEndpoint(busy);
  const ask = () =>
    busy.request('a request', async (configuration) => {
      const response = await configuration[customFetch]?.(`${server.url}/busy`, {
        method: 'GET',
        headers: {},
        body: null,
        redirect: 'manual',
      });
      if (response?.status !== 200) throw new UnavailableError('busy');
      return response.status;
    });
  server.routes = { '/busy': (_, response) => response.writeHead(503, { 'retry-after': '5' }).end() };
  await failure(ask());
  nowMs += 5000;
  const again = await Promise.all(Array.from({ length: 100 }, () => failure(ask())));
  expect(again.every((error) => error instanceof UnavailableError)).toBe(true);
  expect(server.requests.filter((path) => path === '/busy')).toHaveLength(2);
  nowMs += 5000;
  server.routes = { '/busy': {} };
  expect(await ask()).toBe(200);
  expect(await Promise.all([ask(), ask()])).toEqual([200, 200]);
});

test('a step that sends nothing does not end the wait of the others', async () => {
  server.routes = { [OIDC]: metadata() };
  const busy = provider();
  await tokenEndpoint(busy);
  const refused = () =>
    busy.request('a request', async (configuration) => {
      await configuration[customFetch]?.(`${server.url}/busy`, {
        method: 'GET',
        headers: {},
        body: null,
        redirect: 'manual',
      });
      throw new UnavailableError('busy');
    });
  server.routes = { '/busy': (_, response) => response.writeHead(503, { 'retry-after': '5' }).end() };
  await failure(refused());
  nowMs += 5000;
  expect(await tokenEndpoint(busy)).toBe(`${server.url}/token`);
  await Promise.all(Array.from({ length: 20 }, () => failure(refused())));
  expect(server.requests.filter((path) => path === '/busy')).toHaveLength(2);
});

test('an outage without Retry-After blocks no other request', async () => {
  server.routes = { [OIDC]: metadata() };
  const shaky = provider();
  await failure(shaky.request('a request', () => Promise.reject(new UnavailableError('down'))));
  expect(await tokenEndpoint(shaky)).toBe(`${server.url}/token`);
});

test('an endpoint that asks to wait holds back no other', async () => {
  server.routes = { [OIDC]: metadata(), '/token': {} };
  const busy = provider();
  await tokenEndpoint(busy);
  server.routes = { '/me': (_, response) => response.writeHead(429, { 'retry-after': '3600' }).end(), '/token': {} };
  expect(await failure(ask(busy, '/me'))).toMatchObject({ retryAfterSeconds: 300 });
  expect(await ask(busy, '/token')).toBe(200);
  expect(await tokenEndpoint(busy)).toBe(`${server.url}/token`);
  expect(server.requests.filter((path) => path === '/me')).toHaveLength(1);
});

test('a request that goes alone and hangs holds back the others for one timeout', async () => {
  server.routes = { [OIDC]: metadata() };
  const busy = provider({ timeoutMs: 60_000 });
  await tokenEndpoint(busy);
  server.routes = { '/busy': (_, response) => response.writeHead(503, { 'retry-after': '5' }).end() };
  await failure(ask(busy, '/busy'));
  nowMs += 5000;
  let hang: (() => void) | undefined;
  server.routes = {
    '/busy': (_, response) => {
      hang = () => response.writeHead(503).end();
    },
  };
  const alone = failure(ask(busy, '/busy'));
  await expect.poll(() => hang).toBeDefined();
  expect(await failure(ask(busy, '/busy'))).toMatchObject({ retryAfterSeconds: 1 });
  nowMs += 60_000;
  server.routes = { '/busy': {} };
  expect(await ask(busy, '/busy')).toBe(200);
  hang?.();
  await alone;
});

test('a clock that is set back ends a wait, and keeps no metadata for longer', async () => {
  server.routes = { [OIDC]: metadata() };
  const busy = provider();
  await tokenEndpoint(busy);
  server.routes = { '/busy': (_, response) => response.writeHead(503, { 'retry-after': '5' }).end() };
  await failure(ask(busy, '/busy'));
  nowMs -= 3_600_000;
  server.routes = { [OIDC]: metadata(), '/busy': {} };
  expect(await ask(busy, '/busy')).toBe(200);
  await expect.poll(() => server.requests.filter((path) => path === OIDC)).toHaveLength(2);
});

test('metadata that has lost an endpoint replaces none', async () => {
  const whole = metadata(server.url, { authorization_endpoint: `${server.url}/auth` });
  server.routes = { [OIDC]: whole };
  const renewed = provider();
  await tokenEndpoint(renewed);
  for (const broken of [{ issuer: server.url }, metadata()]) {
    nowMs += 3_600_001;
    server.routes = { [OIDC]: broken };
    const before = server.requests.length;
    await tokenEndpoint(renewed);
    await expect.poll(() => server.requests.length).toBe(before + 1);
    expect(await tokenEndpoint(renewed)).toBe(`${server.url}/token`);
  }
  const fresh = provider();
  server.routes = { [OIDC]: { issuer: server.url } };
  expect(await failure(tokenEndpoint(fresh))).toMatchObject({ code: 'invalid_response', check: 'metadata' });
  server.routes = { [OIDC]: whole };
  nowMs += 501;
  expect(await tokenEndpoint(fresh)).toBe(`${server.url}/token`);
});
