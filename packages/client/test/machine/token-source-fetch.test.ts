import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { decodeJwt } from 'jose';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type ProviderFixture, startProvider } from '../fixture/provider-fixture.ts';
import { tokenSourceFixture } from '../fixture/token-source-fixture.ts';

let provider: ProviderFixture;
const servers: Server[] = [];
beforeEach(async () => {
  provider = await startProvider({
    client: { dpop_bound_access_tokens: false },
    features: { dPoP: { enabled: true, nonceSecret: randomBytes(32), requireNonce: () => true } },
  });
});
afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
  await provider.close();
});

/** Starts an API. Returns its origin, and the requests that it got. */
async function startApi(respond: RequestListener): Promise<{ origin: string; requests: IncomingMessage[] }> {
  const requests: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    requests.push(request);
    request.resume().on('end', () => respond(request, response));
  });
  servers.push(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return { origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests };
}

/** Refuses the first tokens, each as often as it comes. */
function refusing(count: number): RequestListener {
  const refused = new Set<string>();
  return ({ headers: { authorization = '' } }, response) => {
    if (refused.size < count) refused.add(authorization);
    response.writeHead(refused.has(authorization) ? 401 : 200).end(authorization);
  };
}

const authorizations = (requests: readonly IncomingMessage[]) => requests.map(({ headers }) => headers.authorization);

test('fetch sends the token, and keeps what the caller set', async () => {
  const { tokens } = tokenSourceFixture(provider, 0);
  const api = await startApi((_, response) => response.end('today'));
  const response = await tokens.fetch(`${api.origin}/orders`, {
    method: 'POST',
    body: '{}',
    headers: { accept: 'a/b' },
  });
  expect(await response.text()).toBe('today');
  expect(api.requests[0]).toMatchObject({
    method: 'POST',
    url: '/orders',
    headers: { authorization: `Bearer ${await tokens.token()}`, accept: 'a/b', 'content-length': '2' },
  });
});

test('a 401 is one new token and one retry', async () => {
  const { tokens } = tokenSourceFixture(provider, 0);
  const api = await startApi(refusing(1));
  const first = await tokens.token();
  const response = await tokens.fetch(`${api.origin}/orders`, { method: 'POST', body: 'one' });
  expect(response.status).toBe(200);
  expect(authorizations(api.requests)).toEqual([`Bearer ${first}`, `Bearer ${await tokens.token()}`]);
  expect(provider.requests).toHaveLength(2);
});

test('20 callers with a refused token share the new one', async () => {
  const { tokens } = tokenSourceFixture(provider, 0);
  const api = await startApi(refusing(1));
  const statuses = await Promise.all(Array.from({ length: 20 }, async () => (await tokens.fetch(api.origin)).status));
  expect(new Set(statuses)).toEqual(new Set([200]));
  expect(provider.requests).toHaveLength(2);
});

test('an API that refuses every token gets two requests of a call, and costs one token in half a minute', async () => {
  const { tokens } = tokenSourceFixture(provider, 0);
  const api = await startApi((_, response) => response.writeHead(401).end('no'));
  const response = await tokens.fetch(api.origin);
  expect([response.status, await response.text(), api.requests.length]).toEqual([401, 'no', 2]);
  for (let calls = 0; calls < 20; calls += 1) await (await tokens.fetch(api.origin)).text();
  expect(provider.requests).toHaveLength(2);
  expect(api.requests).toHaveLength(22);
});

test('a streamed body is sent once: its 401 is the response', async () => {
  const { tokens } = tokenSourceFixture(provider, 0);
  const api = await startApi(refusing(1));
  const body = new Blob(['streamed']).stream();
  const response = await tokens.fetch(api.origin, { method: 'POST', body, duplex: 'half' } as RequestInit);
  expect([response.status, api.requests.length]).toEqual([401, 1]);
});

test('while no other token can be had, the 401 of the API is the response', async () => {
  const { tokens } = tokenSourceFixture(provider, 0);
  await tokens.token();
  provider.fault = (response) => response.destroy();
  const api = await startApi((_, response) => response.writeHead(401).end('no'));
  const response = await tokens.fetch(api.origin);
  expect([response.status, await response.text()]).toEqual([401, 'no']);
});

test.each([{ dpop: false }, { dpop: true }])(
  'a redirect to another origin is followed without the token: %j',
  async (options) => {
    const { tokens } = tokenSourceFixture(provider, 0, options);
    const elsewhere = await startApi((_, response) => response.writeHead(401).end('elsewhere'));
    const api = await startApi((_, response) => response.writeHead(307, { location: `${elsewhere.origin}/x` }).end());
    const response = await tokens.fetch(api.origin, { method: 'POST', body: 'b', headers: { cookie: 'a=b' } });
    expect([response.status, await response.text()]).toEqual([401, 'elsewhere']);
    expect(elsewhere.requests).toHaveLength(1);
    expect(elsewhere.requests[0]?.method).toBe('POST');
    expect(Object.keys(elsewhere.requests[0]?.headers ?? {})).not.toEqual(
      expect.arrayContaining([expect.stringMatching(/^(authorization|dpop|cookie)$/)]),
    );
    // The other origin may not make this client request tokens.
    expect(provider.requests.filter((grant) => grant === 'client_credentials').length).toBeLessThanOrEqual(2);
  },
);

test('with DPoP, a nonce that the provider demands costs one request, once', async () => {
  const { tokens, clock } = tokenSourceFixture(provider, 100, { dpop: true });
  const first = await tokens.token();
  expect(decodeJwt(first)['cnf']).toEqual({ jkt: expect.any(String) });
  expect(provider.requests).toHaveLength(2);
  clock.ms += 300_000;
  const second = await tokens.token();
  expect(decodeJwt(second)['cnf']).toEqual(decodeJwt(first)['cnf']);
  expect(provider.requests).toHaveLength(3);
});

test('a bound token is sent with a new proof, and with the nonce that the API demands', async () => {
  const { tokens } = tokenSourceFixture(provider, 100, { dpop: true });
  const api = await startApi(({ headers }, response) => {
    const { nonce } = decodeJwt(String(headers['dpop']));
    if (nonce === 'n') return response.end();
    return response.writeHead(401, { 'dpop-nonce': 'n', 'www-authenticate': 'DPoP error="use_dpop_nonce"' }).end();
  });
  const statuses = [await tokens.fetch(`${api.origin}/a?b=c`), await tokens.fetch(`${api.origin}/a?b=c`)];
  expect(statuses.map(({ status }) => status)).toEqual([200, 200]);
  const proofs = api.requests.map(({ headers }) => decodeJwt(String(headers['dpop'])));
  expect(proofs.map(({ htm, htu, nonce }) => ({ htm, htu, nonce }))).toEqual([
    { htm: 'GET', htu: `${api.origin}/a`, nonce: undefined },
    { htm: 'GET', htu: `${api.origin}/a`, nonce: 'n' },
    { htm: 'GET', htu: `${api.origin}/a`, nonce: 'n' },
  ]);
  expect(new Set(proofs.map(({ jti }) => jti)).size).toBe(3);
  expect(new Set(authorizations(api.requests))).toEqual(new Set([`DPoP ${await tokens.token()}`]));
});

test('a redirect of the API itself is followed with a proof for its URL, as fetch follows it', async () => {
  const { tokens } = tokenSourceFixture(provider, 100, { dpop: true });
  const api = await startApi(({ url }, response) =>
    url === '/old' ? response.writeHead(303, { location: '/new' }).end() : response.end('new'),
  );
  const response = await tokens.fetch(`${api.origin}/old`, { method: 'PUT', body: 'b' });
  expect(await response.text()).toBe('new');
  const proofs = api.requests.map(({ headers }) => decodeJwt(String(headers['dpop'])));
  expect(proofs.map(({ htm, htu }) => [htm, htu])).toEqual([
    ['PUT', `${api.origin}/old`],
    ['GET', `${api.origin}/new`],
  ]);
  expect(api.requests[1]?.headers['content-type']).toBeUndefined();
});

test('endless redirects fail, and a caller may follow them alone', async () => {
  const { tokens } = tokenSourceFixture(provider, 100, { dpop: true });
  const api = await startApi((_, response) => response.writeHead(302, { location: '/' }).end());
  await expect(tokens.fetch(api.origin)).rejects.toThrow(TypeError);
  expect(api.requests).toHaveLength(21);
  expect((await tokens.fetch(api.origin, { redirect: 'manual' })).status).toBe(302);
});

test('a provider that ignores DPoP issues bearer tokens, and they are sent as such', async () => {
  const plain = await startProvider({ features: { dPoP: { enabled: false } } });
  try {
    const { tokens } = tokenSourceFixture(plain, 0, { dpop: true });
    const api = await startApi((_, response) => response.end());
    await tokens.fetch(api.origin);
    expect(authorizations(api.requests)).toEqual([`Bearer ${await tokens.token()}`]);
    expect(api.requests[0]?.headers['dpop']).toBeUndefined();
  } finally {
    await plain.close();
  }
});
