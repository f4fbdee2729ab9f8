import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { Agent, request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import { type ClientHttp2Session, connect } from 'node:http2';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { UNVERIFIED_REASONS } from '@crossfade/core';
import type { SidecarStatus, StragglerList } from '@crossfade/core/status';
import { createRemoteJWKSet, jwtVerify } from 'jose';
import { afterEach, expect, test, vi } from 'vitest';
import { createCertificate } from './fixture/certificate.ts';
import { sendRequest } from './fixture/http.ts';
import type { Issuer } from './fixture/issuer.ts';
import { freePort } from './fixture/listening.ts';
import { createRecordingLog } from './fixture/log.ts';
import { BOTH_PATHS, LEGACY, startTestbed, TARGET, type Testbed } from './fixture/testbed.ts';
import { createDice } from './fixture/traffic.ts';

const OPAQUE = 'b3BhcXVlLWJ1dC10aGUtQVBJLWtub3dzLWl0';
const SECOND_SPELLING = `${LEGACY}/`;
const SOON = { timeout: 10_000 };

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const clean of cleanups.splice(0).reverse()) await clean();
});

async function open(...args: Parameters<typeof startTestbed>): Promise<Testbed> {
  const testbed = await startTestbed(...args);
  cleanups.push(() => testbed.close());
  return testbed;
}

/** An API that takes both audiences, in each spelling, and one opaque token: the one that the sidecar stands in front of. */
function acceptBothAudiences({ issuer, upstream }: Testbed): void {
  const keys = createRemoteJWKSet(new URL(`${issuer.url}/jwks`));
  const check = async (token: string) => {
    if (token === OPAQUE) return;
    await jwtVerify(token, keys, { issuer: issuer.url, audience: [LEGACY, SECOND_SPELLING, TARGET] });
  };
  upstream.respond = (request, response) => {
    request.resume();
    if (request.url === '/health') return void response.end('up');
    check(request.headers.authorization?.replace(/^Bearer /, '') ?? '').then(
      () => response.end('order'),
      () => response.writeHead(401, { 'www-authenticate': 'Bearer error="invalid_token"' }).end(),
    );
  };
}

/** Legacy clients that the API serves, and whose tokens a plan with these settings refuses. */
const CLIENTS = {
  auth0: {
    claims: { aud: [LEGACY, 'https://idp.example.com/userinfo'] },
    reason: 'foreign_audience',
    token: 'verified',
    isLegacy: true,
  },
  keycloak: {
    claims: { aud: LEGACY, typ: 'JWT', more: { nonce: 'n' } },
    reason: 'id_token',
    token: 'verified',
    isLegacy: true,
  },
  groups: {
    claims: { aud: LEGACY, more: { groups: Array.from({ length: 100 }, (_, nth) => `group-${nth}-of-many`) } },
    reason: 'token_too_large',
    token: 'unverified',
    isLegacy: false,
  },
  introspecting: { claims: undefined, reason: 'malformed_token', token: 'unverified', isLegacy: false },
  renamed: { claims: { aud: SECOND_SPELLING }, reason: 'wrong_audience', token: 'verified', isLegacy: false },
} as const;

const strict = {
  plan: (plan: Testbed['plan']) => ({
    maxTokenBytes: 2_000,
    legacy: { ...plan.legacy, foreignAudiences: 'refuse' as const },
  }),
};

async function tokenOf(issuer: Issuer, clientId: keyof typeof CLIENTS): Promise<string> {
  const { claims } = CLIENTS[clientId];
  return claims === undefined ? OPAQUE : issuer.mint({ ...claims, clientId });
}

/** Ways to present a token that RFC 6750 §2.1 does not know, and some APIs do. */
const PRESENTATIONS: readonly (readonly [
  name: string,
  path: string,
  present: (token: string) => string | undefined,
])[] = [
  ['without a scheme', '/orders', (token) => token],
  ['after a tab', '/orders', (token) => `Bearer\t${token}`],
  ['under another scheme', '/orders', (token) => `JWT ${token}`],
  ['in the query', '/orders?access_token=', () => undefined],
];

test.each(
  PRESENTATIONS.flatMap(([name, ...row]) =>
    BOTH_PATHS.map(([path, settings]) => [name, path, settings, ...row] as const),
  ),
)(
  'a legacy token %s that the API takes is seen, and a disagreement, %s',
  async (_name, _path, settings, path, present) => {
    const testbed = await open(settings);
    testbed.upstream.respond = (_request, response) => void response.end('order');
    const token = await testbed.issuer.mint({ aud: LEGACY, clientId: 'web-app' });
    const authorization = present(token);
    const url = `${testbed.sidecar.dataUrl}${path}${authorization === undefined ? token : ''}`;
    const headers = authorization === undefined ? {} : { authorization };
    expect(await sendRequest(url, { headers })).toMatchObject({ status: 200 });

    await vi.waitFor(
      async () => expect((await testbed.status()).disagreements.reasons).toEqual({ missing_token: 1 }),
      SOON,
    );
    const { disagreements, audiences } = await testbed.status();
    expect(disagreements.lastVerifiedAt).not.toBeNull();
    expect(audiences.legacy).toMatchObject({ accepted: 0, rejected: 1, lastSeenAt: expect.any(String) });
    expect((await readStragglers(testbed)).clients).toMatchObject([
      { clientId: 'web-app', reasons: { missing_token: 1 } },
    ]);
  },
);

test.each(BOTH_PATHS)('a response to OPTIONS proves nothing in either direction, %s', async (_path, settings) => {
  const testbed = await open(settings);
  testbed.upstream.respond = (_request, response) => void response.writeHead(204).end();
  const { issuer, sidecar } = testbed;
  const tokens = [
    issuer.mint({ aud: LEGACY, expiresInSeconds: -3600 }),
    issuer.mint({ aud: 'other' }),
    issuer.mint({ aud: TARGET }),
  ];
  for (const token of await Promise.all(tokens)) {
    const headers = { authorization: `Bearer ${token}` };
    expect(await sendRequest(sidecar.dataUrl, { method: 'OPTIONS', headers })).toMatchObject({ status: 204 });
  }

  await vi.waitFor(async () => expect((await testbed.status()).audiences.target.accepted).toBe(1), SOON);
  const { disagreements, apiResponses } = await testbed.status();
  expect(disagreements).toEqual({ reasons: {}, lastVerifiedAt: null, lastUnverifiedAt: null });
  expect(apiResponses.target).toEqual({ acceptedAt: null, unauthorizedAt: null });
});

const readStragglers = async ({ sidecar }: Testbed) =>
  (await (await fetch(`${sidecar.adminUrl}/stragglers`)).json()) as StragglerList;

test.each(
  BOTH_PATHS.flatMap(([path, settings]) =>
    (Object.keys(CLIENTS) as (keyof typeof CLIENTS)[]).map((client) => [client, path, settings] as const),
  ),
)(
  'a client like %s, whose token we refuse and the API takes, is a disagreement %s',
  async (client, _path, settings) => {
    const testbed = await open(settings, strict);
    acceptBothAudiences(testbed);
    const { reason, token, isLegacy } = CLIENTS[client];
    const authorization = `Bearer ${await tokenOf(testbed.issuer, client)}`;
    const before = Date.now();
    for (let nth = 0; nth < 3; nth += 1) {
      expect(await sendRequest(testbed.sidecar.dataUrl, { headers: { authorization } })).toMatchObject({ status: 200 });
    }
    await vi.waitFor(async () => expect((await testbed.status()).disagreements.reasons).toEqual({ [reason]: 3 }), SOON);
    const status = await testbed.status();
    const { lastVerifiedAt, lastUnverifiedAt } = status.disagreements;
    const [seenAt, otherAt] =
      token === 'verified' ? [lastVerifiedAt, lastUnverifiedAt] : [lastUnverifiedAt, lastVerifiedAt];
    expect(Date.parse(seenAt ?? '')).toBeGreaterThanOrEqual(before);
    expect(otherAt).toBeNull();
    expect(status.rejections[reason]).toBe(3);
    expect(status.validUnauthorized).toBe(0);
    expect(status.apiResponses.legacy).toEqual({ acceptedAt: null, unauthorizedAt: null });

    const { legacy } = status.audiences;
    expect(legacy.lastSeenAt !== null).toBe(isLegacy);
    expect(Date.parse(legacy.latestExpiryAt ?? '') > before).toBe(isLegacy);
    const listed = (await readStragglers(testbed)).clients.map(({ clientId, rejected, reasons }) => [
      clientId,
      rejected,
      reasons,
    ]);
    expect(listed).toEqual(token === 'verified' ? [[client, 3, { [reason]: 3 }]] : []);

    const metrics = await (await fetch(`${testbed.sidecar.adminUrl}/metrics`)).text();
    expect(metrics).toMatch(new RegExp(`^crossfade_disagreements_total\\{[^}]*reason="${reason}"[^}]*\\} 3$`, 'm'));
    expect(metrics).toMatch(
      new RegExp(`^crossfade_last_disagreement_timestamp_seconds\\{[^}]*token="${token}"[^}]*\\} 1`, 'm'),
    );
    for (const text of [metrics, JSON.stringify(status)]) expect(text).not.toContain(client);
  },
);

test('an acknowledged reason is counted as a rejection, and no disagreement any more', async () => {
  const testbed = await open({}, { plan: ({ gate }) => ({ gate: { ...gate, acknowledged: UNVERIFIED_REASONS } }) });
  acceptBothAudiences(testbed);
  const send = (token: string) =>
    sendRequest(testbed.sidecar.dataUrl, { headers: { authorization: `Bearer ${token}` } });
  await send(OPAQUE);
  await send(await testbed.issuer.mint({ aud: SECOND_SPELLING }));
  await vi.waitFor(async () => {
    const { rejections, disagreements } = await testbed.status();
    expect(rejections.malformed_token).toBe(1);
    expect(disagreements).toMatchObject({ reasons: { wrong_audience: 1 }, lastUnverifiedAt: null });
  }, SOON);
});

test('a response on a public path proves nothing, and enforce judges there all the same', async () => {
  const publicPaths = ['/health'];
  const testbed = await open({ publicPaths });
  acceptBothAudiences(testbed);
  const send = (url: string, token: string) => sendRequest(url, { headers: { authorization: `Bearer ${token}` } });
  const good = await testbed.issuer.mint({ aud: LEGACY });
  for (const token of [OPAQUE, good, await testbed.issuer.mint({ aud: SECOND_SPELLING })])
    await send(`${testbed.sidecar.dataUrl}/health?deep=1`, token);
  await vi.waitFor(async () => {
    const { audiences, disagreements, apiResponses } = await testbed.status();
    expect([audiences.legacy.accepted, audiences.opaque.rejected, audiences.foreign.rejected]).toEqual([1, 1, 1]);
    expect(disagreements.reasons).toEqual({});
    expect(apiResponses.legacy).toEqual({ acceptedAt: null, unauthorizedAt: null });
  }, SOON);
  await send(`${testbed.sidecar.dataUrl}/healthz`, OPAQUE);
  await vi.waitFor(async () => {
    expect((await testbed.status()).disagreements.reasons).toEqual({ malformed_token: 1 });
  }, SOON);

  const enforcing = await open({ publicPaths, judge: 'enforce' });
  acceptBothAudiences(enforcing);
  expect(await send(`${enforcing.sidecar.dataUrl}/health`, OPAQUE)).toMatchObject({ status: 401 });
  expect((await enforcing.status()).disagreements.reasons).toEqual({});
});

test('an audience beside ours is listed in the status, and in no metric and no log', async () => {
  const log = createRecordingLog();
  const testbed = await startTestbed({}, { logger: log });
  acceptBothAudiences(testbed);
  const userinfo = 'https://idp.example.com/userinfo';
  for (const token of [await testbed.issuer.mint({ aud: [LEGACY, userinfo], clientId: 'auth0' }), OPAQUE])
    await sendRequest(testbed.sidecar.dataUrl, { headers: { authorization: `Bearer ${token}` } });
  await vi.waitFor(async () => expect((await testbed.status()).audiences.legacy.accepted).toBe(1), SOON);
  const { foreignAudiences } = await testbed.status();
  expect(foreignAudiences).toEqual({
    requests: 1,
    audiences: [{ audience: userinfo, count: 1, lastSeenAt: expect.any(String) }],
    truncated: false,
  });
  const metrics = await (await fetch(`${testbed.sidecar.adminUrl}/metrics`)).text();
  await testbed.close();
  expect(log.lines.at(-1)?.fields).toMatchObject({
    event: 'final_counts',
    status: { disagreements: { reasons: { malformed_token: 1 } }, apiResponses: { legacy: { unauthorizedAt: null } } },
  });
  for (const text of [metrics, JSON.stringify(log.lines)]) expect(text).not.toContain(userinfo);
});

test('a client that upgrades with a token that we refuse is a disagreement once the API agrees', async () => {
  const testbed = await open();
  testbed.upstream.upgrade = (request, socket) => {
    const status = request.url === '/no' ? '401 Unauthorized\r\nContent-Length: 0' : '101 Switching Protocols';
    socket.end(`HTTP/1.1 ${status}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n`);
  };
  const headers = { connection: 'Upgrade', upgrade: 'websocket', authorization: `Bearer ${OPAQUE}` };
  for (const [path, event] of [
    ['/no', 'response'],
    ['/', 'upgrade'],
  ] as const) {
    const request = httpRequest(testbed.sidecar.dataUrl + path, { headers }).end();
    const [response] = (await once(request, event)) as [IncomingMessage];
    response.destroy();
    request.destroy();
  }
  await vi.waitFor(async () => {
    const { audiences, disagreements } = await testbed.status();
    expect(audiences.opaque.rejected).toBe(2);
    expect(disagreements.reasons).toEqual({ malformed_token: 1 });
  }, SOON);
});

test('an API that responds before the keys are there is compared with the judgement that follows', async () => {
  const testbed = await open();
  testbed.upstream.respond = (request, response) => void request.resume().on('end', () => response.end());
  const unknown = await testbed.issuer.mint({ aud: 'other' });
  await sendRequest(testbed.sidecar.dataUrl, { headers: { authorization: `Bearer ${unknown}` } });
  await vi.waitFor(async () => {
    expect((await testbed.status()).disagreements).toMatchObject({ reasons: { wrong_audience: 1 } });
  }, SOON);
});

test('a token that cannot be judged counts as unavailable, whatever the API does with it', async () => {
  const keys = `http://127.0.0.1:${await freePort()}/jwks`;
  const testbed = await open(
    {},
    { plan: ({ legacy, target }) => ({ legacy: { ...legacy, keys }, target: { ...target, keys } }) },
  );
  const token = await testbed.issuer.mint({ aud: LEGACY });
  await sendRequest(testbed.sidecar.dataUrl, { headers: { authorization: `Bearer ${token}` } });
  await vi.waitFor(async () => expect((await testbed.status()).unavailable).toBe(1), SOON);
  expect((await testbed.status()).disagreements.reasons).toEqual({});
});

/** How the API responds to a request for this path. */
const RESPONSES: Readonly<
  Record<string, { verdict: 'taken' | 'refused' | 'unclear'; send(response: ServerResponse): void }>
> = {
  ok: { verdict: 'taken', send: (response) => response.end('hello') },
  created: { verdict: 'taken', send: (response) => response.writeHead(201, { 'content-length': '0' }).end() },
  empty: { verdict: 'taken', send: (response) => response.writeHead(204).end() },
  unending: { verdict: 'taken', send: (response) => void response.writeHead(200, { connection: 'close' }).end('x') },
  redirect: { verdict: 'unclear', send: (response) => response.writeHead(302, { location: '/login' }).end() },
  absent: { verdict: 'unclear', send: (response) => response.writeHead(404).end() },
  broken: { verdict: 'unclear', send: (response) => response.writeHead(500).end('no') },
  unauthorized: { verdict: 'refused', send: (response) => response.writeHead(401).end() },
  forbidden: {
    verdict: 'unclear',
    send: (response) => response.writeHead(403, { 'www-authenticate': 'Bearer' }).end(),
  },
  envoy: {
    verdict: 'refused',
    send: (response) =>
      response.writeHead(403, { 'www-authenticate': 'Bearer realm="api", error="invalid_token"' }).end(),
  },
  'grpc-ok': { verdict: 'taken', send: (response) => sendGrpc(response, '0') },
  'grpc-unauthenticated': { verdict: 'refused', send: (response) => sendGrpc(response, '16') },
  'grpc-not-found': { verdict: 'unclear', send: (response) => sendGrpc(response, '5') },
  'grpc-at-once': {
    verdict: 'refused',
    send: (response) => response.writeHead(200, { 'content-type': 'application/grpc', 'grpc-status': '16' }).end(),
  },
  'grpc-web': {
    verdict: 'unclear',
    send: (response) => response.writeHead(200, { 'content-type': 'application/grpc-web+proto' }).end('grpc-status:0'),
  },
};

function sendGrpc(response: ServerResponse, status: string): void {
  response.writeHead(200, { 'content-type': 'application/grpc+proto', trailer: 'grpc-status' });
  response.write('message');
  response.addTrailers({ 'grpc-status': status });
  response.end();
}

type Send = (path: string, token: string) => Promise<unknown>;

async function openSender(kind: string, testbed: Testbed, ca: string): Promise<Send> {
  if (kind === 'http2') {
    const client = connect(testbed.sidecar.dataUrl, { ca });
    cleanups.push(() => client.destroy());
    return (path, token) => sendStream(client, path, token);
  }
  const agent = new Agent({ keepAlive: true, maxSockets: 8 });
  cleanups.push(() => agent.destroy());
  return (path, token) => {
    const headers = { ...(token !== '' && { authorization: `Bearer ${token}` }) };
    return sendRequest(testbed.sidecar.dataUrl + path, { headers, agent });
  };
}

async function sendStream(client: ClientHttp2Session, path: string, token: string): Promise<void> {
  const stream = client.request({ ':path': path, ...(token !== '' && { authorization: `Bearer ${token}` }) });
  const closed = once(stream, 'close');
  stream.resume();
  await closed;
}

/** `CROSSFADE_COMPARED_REQUESTS=300000` for a longer run. */
const REQUESTS = Number(process.env['CROSSFADE_COMPARED_REQUESTS'] ?? 1_200);

/** What the sidecar has to have counted, worked out by the API from what it did. */
interface Expected {
  seen: Record<string, number>;
  disagreements: Record<string, number>;
  validUnauthorized: number;
}

function countedIn({ audiences, rejections, disagreements, validUnauthorized }: SidecarStatus): Expected {
  return {
    seen: {
      legacy: audiences.legacy.accepted,
      target: audiences.target.accepted,
      bridge: audiences.bridge.accepted,
      ...Object.fromEntries(Object.entries(rejections).filter(([, count]) => count > 0)),
    },
    disagreements: disagreements.reasons,
    validUnauthorized,
  };
}

test.each([
  ...BOTH_PATHS.map(([path, settings]) => [path, 'http1', settings] as const),
  ['to HTTP/2 clients', 'http2', {}] as const,
])(
  'counts what the API did with each of many mixed requests, %s',
  async (_path, kind, settings) => {
    const directory = await mkdtemp(join(tmpdir(), 'compared-'));
    cleanups.push(() => rm(directory, { recursive: true }));
    const pair = createCertificate();
    const [tlsCert, tlsKey] = [join(directory, 'tls.crt'), join(directory, 'tls.key')];
    await Promise.all([writeFile(tlsCert, pair.cert), writeFile(tlsKey, pair.key)]);
    const testbed = await open({ ...settings, ...(kind === 'http2' && { tlsCert, tlsKey }) });
    const { issuer } = testbed;
    const kinds: Readonly<Record<string, { token: string; reason?: string }>> = {
      legacy: { token: await issuer.mint({ aud: LEGACY }) },
      target: { token: await issuer.mint({ aud: TARGET }) },
      bridge: { token: await issuer.mint({ aud: [LEGACY, TARGET] }) },
      foreign: { token: await issuer.mint({ aud: 'other' }), reason: 'wrong_audience' },
      expired: { token: await issuer.mint({ aud: LEGACY, expiresInSeconds: -60 }), reason: 'expired' },
      forged: { token: await issuer.forge({ aud: LEGACY }), reason: 'bad_signature' },
      opaque: { token: OPAQUE, reason: 'malformed_token' },
      none: { token: '', reason: 'missing_token' },
    };
    const expected: Expected = { seen: { legacy: 0, target: 0, bridge: 0 }, disagreements: {}, validUnauthorized: 0 };
    const add = (counts: Record<string, number>, name: string) => {
      counts[name] = (counts[name] ?? 0) + 1;
    };
    testbed.upstream.respond = (request, response) => {
      request.resume();
      const [, name = '', how = ''] = request.url?.split('/') ?? [];
      const { reason } = kinds[name] ?? {};
      const { verdict, send } = RESPONSES[how] ?? { verdict: 'unclear', send: () => response.end() };
      add(expected.seen, reason ?? name);
      if (reason === undefined && verdict === 'refused') expected.validUnauthorized += 1;
      if (reason !== undefined && reason !== 'missing_token' && verdict === 'taken')
        add(expected.disagreements, reason);
      send(response);
    };
    const send = await openSender(kind, testbed, pair.cert);
    const dice = createDice(7);
    const names = Object.keys(kinds);
    const hows = Object.keys(RESPONSES);
    let left = REQUESTS;
    const work = async () => {
      while (left > 0) {
        left -= 1;
        const name = names[dice(names.length)] ?? '';
        await send(`/${name}/${hows[dice(hows.length)]}`, kinds[name]?.token ?? '');
      }
    };
    await Promise.all(Array.from({ length: 8 }, work));
    await vi.waitFor(async () => expect(countedIn(await testbed.status())).toEqual(expected), SOON);
    expect(Object.values(expected.seen).reduce((sum, count) => sum + count)).toBe(REQUESTS);
    expect(Object.keys(expected.disagreements)).toHaveLength(4);
    const { apiResponses } = await testbed.status();
    expect(Object.values({ ...apiResponses.legacy, ...apiResponses.target })).not.toContain(null);
  },
  3_600_000,
);
