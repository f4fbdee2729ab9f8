import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { connect } from 'node:http2';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { MigrationPlan, SidecarPlan } from '@crossfade/core';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createCertificate } from '../fixture/certificate.ts';
import { createDpopClient } from '../fixture/dpop-client.ts';
import { sendRequest } from '../fixture/http.ts';
import { type PhantomServer, sendJson, startPhantomServer } from '../fixture/phantom-server.ts';
import { BOTH_PATHS, LEGACY, startTestbed, TARGET, type Testbed } from '../fixture/testbed.ts';

const SECRET = 'gateway-secret';
let phantom: PhantomServer;
let testbed: Testbed;

beforeEach(async () => {
  phantom = await startPhantomServer();
});
afterEach(async () => {
  await testbed.close();
  await phantom.close();
});

/** Both sides introspect at one endpoint as one client. */
function introspecting(plan: MigrationPlan): MigrationPlan {
  const introspection = {
    endpoint: `${phantom.url}/introspect`,
    clientId: 'gateway',
    clientSecretEnv: 'SECRET',
    authentication: 'client_secret_basic',
    response: 'json',
    impliesAudience: false,
    maxAgeSeconds: 30,
    timeoutMs: 5000,
  } as const;
  return { ...plan, legacy: { ...plan.legacy, introspection }, target: { ...plan.target, introspection } };
}

async function start(settings: Partial<SidecarPlan> = {}, change = introspecting): Promise<void> {
  testbed = await startTestbed(
    { judge: 'enforce', upstreamToken: 'jwt', ...settings },
    { environment: { SECRET }, plan: change },
  );
}

async function issue(claims: Parameters<Testbed['issuer']['mint']>[0] = { aud: TARGET }) {
  const jwt = await testbed.issuer.mint(claims);
  return { jwt, token: phantom.issue(jwt) };
}

const send = (token: string) => sendRequest(testbed.sidecar.dataUrl, { headers: { authorization: `Bearer ${token}` } });

function seenAuthorization(): readonly (string | string[] | undefined)[] {
  return testbed.upstream.seen.map(({ headers }) => headers['authorization']);
}

describe.each(BOTH_PATHS)('upstreamToken: jwt, %s,', (_name, path) => {
  beforeEach(() => start(path));

  test('the API gets a verified JWT in place of an opaque token, which is exchanged once', async () => {
    const { jwt, token } = await issue({ aud: TARGET, subject: 'alice' });
    for (let count = 0; count < 3; count += 1) expect((await send(token)).status).toBe(200);

    expect(seenAuthorization()).toEqual(Array(3).fill(`Bearer ${jwt}`));
    expect(testbed.upstream.seen[0]?.headers).toMatchObject({
      'crossfade-audience': 'target',
      'crossfade-subject': 'alice',
    });
    expect(JSON.stringify(testbed.upstream.seen)).not.toContain(token);
    expect(phantom.requests).toMatchObject([{ path: '/introspect', accept: 'application/jwt' }]);
    const credentials = Buffer.from(`gateway:${SECRET}`).toString('base64');
    expect(phantom.requests[0]?.authorization).toBe(`Basic ${credentials}`);
    await vi.waitFor(async () => expect((await testbed.status()).audiences.target.accepted).toBe(3));
  });

  test('concurrent requests with one token share one exchange', async () => {
    const { jwt, token } = await issue();
    await Promise.all(Array.from({ length: 20 }, () => send(token)));

    expect(seenAuthorization()).toEqual(Array(20).fill(`Bearer ${jwt}`));
    expect(phantom.requests).toHaveLength(1);
  });

  test('a JWT that the client sends passes unchanged, and is not exchanged', async () => {
    const jwt = await testbed.issuer.mint({ aud: LEGACY });
    expect((await send(jwt)).status).toBe(200);

    expect(seenAuthorization()).toEqual([`Bearer ${jwt}`]);
    expect(phantom.requests).toEqual([]);
  });

  test('an inactive token gets 401, and never reaches the API', async () => {
    for (const respond of [
      undefined,
      (response: Parameters<typeof sendJson>[0]) => sendJson(response, 200, { active: false }),
    ]) {
      phantom.respond = respond;
      const response = await send('made-up');
      expect(response.status).toBe(401);
      expect(response.headers['www-authenticate']).toContain('error="invalid_token"');
    }
    expect(testbed.upstream.seen).toEqual([]);
  });

  test.each<[string, (response: Parameters<typeof sendJson>[0]) => void]>([
    ['an error', (response) => sendJson(response, 500, {})],
    ['a rejection of our credentials', (response) => sendJson(response, 401, { error: 'invalid_client' })],
    ['plain introspection', (response) => sendJson(response, 200, { active: true, aud: TARGET })],
    ['HTML', (response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<html>')],
    [
      'another opaque token',
      (response) => response.writeHead(200, { 'content-type': 'application/jwt' }).end('opaque'),
    ],
  ])('an endpoint that responds with %s gets the client 503, and nothing to the API', async (_kind, respond) => {
    const { token } = await issue();
    phantom.respond = respond;

    const response = await send(token);
    expect(response.status).toBe(503);
    expect(Number(response.headers['retry-after'])).toBeGreaterThan(0);
    expect(testbed.upstream.seen).toEqual([]);
    await vi.waitFor(async () => expect((await testbed.status()).unavailable).toBe(1));
    expect(await (await fetch(`${testbed.sidecar.adminUrl}/metrics`)).text()).toMatch(
      /crossfade_unavailable_total\{[^}]*cause="exchange"[^}]*\} 1/,
    );
  });

  test('a signed introspection response is no access token, and never reaches the API', async () => {
    const { token } = await issue();
    const response = await testbed.issuer.mint({ aud: TARGET, typ: 'token-introspection+jwt' });
    const nested = await testbed.issuer.mint({ aud: TARGET, more: { token_introspection: { active: true } } });
    for (const jwt of [response, nested]) {
      phantom.respond = (to) => to.writeHead(200, { 'content-type': 'application/jwt' }).end(jwt);
      expect((await send(token)).status).toBe(503);
    }
    expect(testbed.upstream.seen).toEqual([]);
  });

  test('a JWT that the issuer did not sign never reaches the API', async () => {
    const token = phantom.issue(await testbed.issuer.forge({ aud: TARGET }));

    expect((await send(token)).status).toBe(503);
    expect(testbed.upstream.seen).toEqual([]);
  });

  test.each<[string, Parameters<Testbed['issuer']['mint']>[0]]>([
    ['for another API', { aud: 'https://api.example.com/billing' }],
    ['that has expired', { aud: TARGET, expiresInSeconds: -60 }],
  ])('a JWT %s gets the client 401', async (_kind, claims) => {
    const { token } = await issue(claims);

    expect((await send(token)).status).toBe(401);
    expect(testbed.upstream.seen).toEqual([]);
  });

  test('a legacy token is exchanged until the close', async () => {
    const { jwt, token } = await issue({ aud: LEGACY });
    expect((await send(token)).status).toBe(200);
    await testbed.setFlags({ 'accept-legacy': { enabled: false } });

    await vi.waitFor(async () => expect((await send(token)).status).toBe(401), { timeout: 5000 });
    expect(new Set(seenAuthorization())).toEqual(new Set([`Bearer ${jwt}`]));
  });

  test('a token that is bound to a key needs its proof, which does not go on with the JWT', async () => {
    const client = await createDpopClient();
    const { jwt, token } = await issue({ aud: TARGET, cnf: client.cnf });
    const url = `${testbed.sidecar.dataUrl}/`;
    expect((await send(token)).status).toBe(401);

    const headers = await client.headers(token, { url });
    expect((await sendRequest(url, { headers })).status).toBe(200);
    expect(seenAuthorization()).toEqual([`Bearer ${jwt}`]);
    expect(testbed.upstream.seen[0]?.headers).not.toHaveProperty('dpop');
  });

  test('an upgrade carries the JWT, too', async () => {
    const { jwt, token } = await issue();
    testbed.upstream.upgrade = (_request, socket) => {
      socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: upgrade\r\nUpgrade: echo\r\n\r\n');
    };
    const headers = { authorization: `Bearer ${token}`, connection: 'upgrade', upgrade: 'echo' };
    const request = httpRequest(testbed.sidecar.dataUrl, { headers }).end();
    const [response, socket] = (await once(request, 'upgrade')) as [IncomingMessage, { destroy(): void }];
    socket.destroy();

    expect(response.statusCode).toBe(101);
    expect(seenAuthorization()).toEqual([`Bearer ${jwt}`]);
  });
});

describe.each(BOTH_PATHS)('token exchange (RFC 8693), %s,', (_name, path) => {
  const exchange = () => ({ endpoint: `${phantom.url}/token`, clientId: 'gateway', clientSecretEnv: 'SECRET' });

  test('gets the JWT where sidecar.exchange is set', async () => {
    await start({ ...path, exchange: exchange() }, (plan) => plan);
    const { jwt, token } = await issue();

    expect((await send(token)).status).toBe(200);
    expect(seenAuthorization()).toEqual([`Bearer ${jwt}`]);
    expect(Object.fromEntries(phantom.requests[0]?.form ?? [])).toEqual({
      grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange',
      subject_token: token,
      subject_token_type: 'urn:ietf:params:oauth:token-type:access_token',
      requested_token_type: 'urn:ietf:params:oauth:token-type:access_token',
    });
    expect((await send('made-up')).status).toBe(401);
  });

  test('gets the client 503 where the exchange is refused', async () => {
    await start({ ...path, exchange: exchange() }, (plan) => plan);
    const { token } = await issue();
    phantom.respond = (response) => sendJson(response, 400, { error: 'unauthorized_client' });

    expect((await send(token)).status).toBe(503);
    expect(testbed.upstream.seen).toEqual([]);
  });
});

test('a request over HTTP/2 carries the JWT', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'phantom-'));
  const { cert, key } = createCertificate();
  const [tlsCert, tlsKey] = [join(directory, 'tls.crt'), join(directory, 'tls.key')];
  await Promise.all([writeFile(tlsCert, cert), writeFile(tlsKey, key)]);
  await start({ tlsCert, tlsKey });
  const { jwt, token } = await issue();
  const client = connect(testbed.sidecar.dataUrl, { ca: cert }).on('error', () => {});
  const stream = client.request({ ':path': '/', authorization: `Bearer ${token}` });
  const [headers] = (await once(stream, 'response')) as [Record<string, unknown>];
  stream.resume();
  await once(stream, 'close');
  client.close();
  await rm(directory, { recursive: true });

  expect(headers[':status']).toBe(200);
  expect(seenAuthorization()).toEqual([`Bearer ${jwt}`]);
});
