import { X509Certificate } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { connect as connectHttp2 } from 'node:http2';
import { request as httpsRequest } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SidecarPlan } from '@crossfade/core';
import { certificateThumbprint } from '@crossfade/validator';
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { createCertificate, type TestCertificate } from '../fixture/certificate.ts';
import { createDpopClient, type DpopClient, type ProvenRequest } from '../fixture/dpop-client.ts';
import { sendRequest } from '../fixture/http.ts';
import { BOTH_PATHS, LEGACY, startTestbed, TARGET, type Testbed } from '../fixture/testbed.ts';

const PUBLIC = 'https://api.example.com/shop';
const LOOPBACK = { trustedProxies: ['127.0.0.1'] };

let testbed: Testbed;
let client: DpopClient;
let token: string;

async function start(settings: Partial<SidecarPlan>): Promise<string> {
  testbed = await startTestbed(settings);
  client = await createDpopClient();
  token = await testbed.issuer.mint({ aud: TARGET, cnf: client.cnf });
  return testbed.sidecar.dataUrl;
}

afterEach(() => testbed.close());

/** The status of a request with a new proof for `proven`. */
async function statusOf(
  url: string,
  proven: ProvenRequest,
  more: Readonly<Record<string, string>> = {},
): Promise<number> {
  const headers = { ...(await client.headers(token, proven)), ...more };
  return (await sendRequest(url, { method: proven.method ?? 'GET', headers })).status;
}

async function counted(): Promise<{ accepted: number; rejected: number }> {
  const { accepted, rejected } = (await testbed.status()).audiences.target;
  return { accepted, rejected };
}

describe.each(BOTH_PATHS)('a DPoP token through a proxying sidecar, %s,', (_name, path) => {
  test('is accepted in observe with a proof that the API may take, whatever its nonce and first use', async () => {
    const url = await start(path);
    const headers = await client.headers(token, { url: `${url}/orders` });
    const now = Math.floor(Date.now() / 1000);

    for (let use = 0; use < 2; use += 1) await sendRequest(`${url}/orders?page=1`, { headers });
    for (const claims of [{ nonce: 'of the API' }, { iat: now - 100 }, { iat: now + 50 }]) {
      await statusOf(`${url}/orders`, { url: `${url}/orders`, claims });
    }
    await vi.waitFor(async () => expect(await counted()).toEqual({ accepted: 5, rejected: 0 }));
    expect((await testbed.status()).disagreements.reasons).toEqual({});
    expect(testbed.upstream.seen[0]?.headers).toMatchObject(headers);
  });

  test('is rejected in observe with a proof that no API may take, and still forwarded', async () => {
    const url = await start(path);
    const flaws: ProvenRequest[] = [
      { url: `${url}/other` },
      { url: `${url}/orders`, method: 'PUT' },
      { url: `${url}/orders`, claims: { ath: 'x' } },
      { url: `${url}/orders`, claims: { exp: 1 } },
      { url: `${url}/orders`, claims: { iat: 1 } },
    ];

    for (const flaw of flaws) {
      const headers = await client.headers(token, flaw);
      expect((await sendRequest(`${url}/orders`, { headers })).status).toBe(200);
    }
    const { dpop: _, ...withoutProof } = await client.headers(token, { url: `${url}/orders` });
    expect((await sendRequest(`${url}/orders`, { headers: withoutProof })).status).toBe(200);
    await vi.waitFor(async () => expect(await counted()).toEqual({ accepted: 0, rejected: 6 }));
    const { reasons } = (await testbed.status()).disagreements;
    expect(reasons).toEqual({ proof_invalid: 5, proof_required: 1 });
  });

  test('is accepted once with each proof in enforce, and rejected with a DPoP challenge', async () => {
    const url = await start({ judge: 'enforce', ...path });
    const headers = await client.headers(token, { url: `${url}/orders` });

    expect((await sendRequest(`${url}/orders`, { headers })).status).toBe(200);
    const replayed = await sendRequest(`${url}/orders`, { headers });
    expect(replayed.status).toBe(401);
    expect(replayed.headers['www-authenticate']).toMatch(/^DPoP error="invalid_dpop_proof", .*algs="/);
    expect(testbed.upstream.seen).toHaveLength(1);
    expect(testbed.upstream.seen[0]?.headers).toMatchObject(headers);
    expect(await statusOf(`${url}/orders`, { url: `${url}/orders` })).toBe(200);
    const stolen = await sendRequest(`${url}/orders`, { headers: { authorization: `Bearer ${token}` } });
    expect(stolen.status).toBe(401);
    expect(stolen.headers['www-authenticate']).toMatch(/^DPoP error="invalid_token"/);
  });

  test('is sent again where the API demands a nonce, and its nonce reaches the client', async () => {
    const url = await start({ judge: 'enforce', ...path });
    const challenge = { 'dpop-nonce': 'n', 'www-authenticate': 'DPoP error="use_dpop_nonce"' };
    testbed.upstream.respond = (request, response) => {
      if (testbed.upstream.seen.length === 1) response.writeHead(401, challenge);
      request.resume().on('end', () => response.end());
    };

    const first = await sendRequest(`${url}/orders`, {
      headers: await client.headers(token, { url: `${url}/orders` }),
    });
    expect(first).toMatchObject({ status: 401, headers: challenge });
    expect(await statusOf(`${url}/orders`, { url: `${url}/orders`, claims: { nonce: 'n' } })).toBe(200);
    await vi.waitFor(async () => expect(await counted()).toEqual({ accepted: 2, rejected: 0 }));
    expect((await testbed.status()).validUnauthorized).toBe(0);
  });

  test('is for the public URL, which no header overrides', async () => {
    const url = await start({ judge: 'enforce', publicUrl: `${PUBLIC}/`, ...LOOPBACK, ...path });
    const spoofed = { 'x-forwarded-host': 'evil.example.com', forwarded: 'host=evil.example.com' };

    expect(await statusOf(`${url}/orders?a=1`, { url: `${PUBLIC}/orders` })).toBe(200);
    expect(await statusOf(`${url}/orders`, { url: `${PUBLIC}/orders` }, spoofed)).toBe(200);
    expect(await statusOf(url, { url: PUBLIC })).toBe(200);
    expect(await statusOf(url, { url: `${PUBLIC}/` })).toBe(200);
    expect(await statusOf(`${url}/orders`, { url: `${url}/orders` })).toBe(401);
    expect(await statusOf(`${url}/orders`, { url: 'https://evil.example.com/orders' }, spoofed)).toBe(401);
  });

  const forwarded = {
    'x-forwarded-proto': 'https',
    'x-forwarded-host': 'api.example.com',
    'x-forwarded-prefix': '/shop',
  };

  test('is for the URL that a trusted proxy names', async () => {
    const url = await start({ judge: 'enforce', ...LOOPBACK, ...path });
    const standard = { forwarded: 'for=192.0.2.1;proto=https;host=api.example.com' };

    expect(await statusOf(`${url}/orders`, { url: `${PUBLIC}/orders` }, forwarded)).toBe(200);
    expect(await statusOf(`${url}/orders`, { url: 'https://api.example.com:443/orders' }, standard)).toBe(200);
    expect(await statusOf(`${url}/orders`, { url: `${url}/orders` })).toBe(200);
  });

  test('is for the URL of the request itself, whatever a client says that is not trusted', async () => {
    const url = await start({ judge: 'enforce', ...path });

    expect(await statusOf(`${url}/orders`, { url: `${url}/orders` }, forwarded)).toBe(200);
    expect(await statusOf(`${url}/orders`, { url: `${PUBLIC}/orders` }, forwarded)).toBe(401);
  });

  test('costs bearer tokens nothing: they are accepted with a DPoP header that is rubbish', async () => {
    const url = await start({ judge: 'enforce', ...path });
    const bearer = { authorization: `Bearer ${await testbed.issuer.mint({ aud: LEGACY })}` };

    expect((await sendRequest(url, { headers: { ...bearer, dpop: 'rubbish' } })).status).toBe(200);
  });
});

describe.each(BOTH_PATHS)('a DPoP token in forward-auth mode, %s,', (_name, path) => {
  const nginx = { 'x-original-method': 'PUT', 'x-original-uri': '/orders?a=1' };
  const traefik = { 'x-forwarded-method': 'PUT', 'x-forwarded-uri': '/orders?a=1' };
  const https = { 'x-forwarded-proto': 'https', 'x-forwarded-host': 'api.example.com' };
  const signed = { method: 'PUT', url: 'https://api.example.com/orders' };

  async function ask(url: string, proven: ProvenRequest, more: Readonly<Record<string, string>>, method = 'GET') {
    const headers = { ...(await client.headers(token, proven)), ...more };
    return (await sendRequest(url, { method, headers })).status;
  }

  test('is accepted for the request that a trusted proxy asks about', async () => {
    const url = await start({ mode: 'forward-auth', ...LOOPBACK, ...path });

    expect(await ask(`${url}/_crossfade`, signed, { ...nginx, ...https })).toBe(200);
    expect(await ask(`${url}/`, signed, { ...traefik, ...https })).toBe(200);
    // Envoy repeats the request itself.
    expect(await ask(`${url}/orders?a=1`, signed, https, 'PUT')).toBe(200);
    expect(await ask(`${url}/_crossfade`, { ...signed, url: `${PUBLIC}/orders` }, { ...nginx, ...https })).toBe(401);
    expect(await ask(`${url}/_crossfade`, { ...signed, method: 'GET' }, { ...nginx, ...https })).toBe(401);
  });

  test('is rejected for a request that another kind of header contradicts', async () => {
    const url = await start({ mode: 'forward-auth', ...LOOPBACK, ...path });
    const other = { 'x-forwarded-method': 'GET', 'x-forwarded-uri': '/' };

    expect(await ask(url, signed, { ...nginx, ...https, ...other })).toBe(401);
    expect(await ask(url, { method: 'GET', url: 'https://api.example.com/' }, { ...nginx, ...https, ...other })).toBe(
      401,
    );
    const target = { 'x-forwarded-uri': '/' };
    expect(await ask(url, { method: 'PUT', url: 'https://api.example.com/' }, { ...nginx, ...https, ...target })).toBe(
      401,
    );
  });

  test('is accepted for the request itself only, where the client is not trusted', async () => {
    const url = await start({ mode: 'forward-auth', publicUrl: 'https://api.example.com', ...path });

    expect(await ask(`${url}/_crossfade`, signed, { ...nginx, ...https })).toBe(401);
    expect(await ask(`${url}/orders`, signed, { 'x-original-uri': '/other' }, 'PUT')).toBe(200);
  });

  test('is accepted once with each proof, with an error for the client', async () => {
    const url = await start({ mode: 'forward-auth', ...LOOPBACK, ...path });
    const headers = { ...(await client.headers(token, signed)), ...nginx, ...https };

    expect((await sendRequest(url, { headers })).status).toBe(200);
    const replayed = await sendRequest(url, { headers });
    expect(replayed.status).toBe(401);
    expect(replayed.headers['www-authenticate']).toContain('DPoP error="invalid_dpop_proof"');
  });
});

describe('a certificate-bound token', () => {
  let directory: string;
  let server: TestCertificate;
  let [owner, thief]: TestCertificate[] = [];
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'bound-tokens-'));
    server = createCertificate();
    owner = createCertificate();
    thief = createCertificate();
    await writeFile(join(directory, 'tls.crt'), server.cert);
    await writeFile(join(directory, 'tls.key'), server.key);
  });
  afterAll(() => rm(directory, { recursive: true }));

  const rawOf = ({ cert }: TestCertificate) => new X509Certificate(cert).raw;
  const clientCert = (certificate: TestCertificate) => `:${rawOf(certificate).toString('base64')}:`;

  async function bearerOf(certificate: TestCertificate): Promise<string> {
    const cnf = { 'x5t#S256': certificateThumbprint(rawOf(certificate)) };
    return `Bearer ${await testbed.issuer.mint({ aud: TARGET, cnf })}`;
  }

  const tls = () => ({ tlsCert: join(directory, 'tls.crt'), tlsKey: join(directory, 'tls.key') });

  async function sendOverTls(url: string, headers: Record<string, string>, by?: TestCertificate): Promise<number> {
    const identity = by === undefined ? {} : { key: by.key, cert: by.cert };
    const request = httpsRequest(url, { headers, ca: server.cert, agent: false, ...identity }).end();
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    response.resume();
    return response.statusCode ?? 0;
  }

  async function sendOverHttp2(url: string, headers: Record<string, string>, by: TestCertificate): Promise<number> {
    const session = connectHttp2(url, { ca: server.cert, key: by.key, cert: by.cert });
    const stream = session.request({ ':path': '/orders', ...headers });
    const [response] = (await once(stream, 'response')) as [Record<string, unknown>];
    session.destroy();
    return Number(response[':status']);
  }

  describe.each(BOTH_PATHS)('over the TLS of the data port, %s,', (_name, path) => {
    test('is accepted from the client with the key of the certificate, which the API learns', async () => {
      const url = await start({ judge: 'enforce', ...tls(), tlsRequestCert: true, ...path });
      if (owner === undefined || thief === undefined) throw new Error('beforeAll creates them');
      const headers = { authorization: await bearerOf(owner), 'client-cert': clientCert(owner) };

      expect(await sendOverTls(url, headers, owner)).toBe(200);
      expect(await sendOverHttp2(url, headers, owner)).toBe(200);
      expect(await sendOverTls(url, headers, thief)).toBe(401);
      expect(await sendOverHttp2(url, headers, thief)).toBe(401);
      expect(await sendOverTls(url, headers)).toBe(401);
      expect(testbed.upstream.seen.map((request) => request.headers['client-cert'])).toEqual([
        clientCert(owner),
        clientCert(owner),
      ]);
    });

    test('is accepted over HTTP/2 with a DPoP proof, too, if it is bound to a key instead', async () => {
      const url = await start({ judge: 'enforce', ...tls(), ...path });
      if (owner === undefined) throw new Error('beforeAll creates it');
      const right = await client.headers(token, { url: `${url}/orders` });
      const wrong = await client.headers(token, { url: `${url.replace('https', 'http')}/orders` });

      expect([await sendOverHttp2(url, right, owner), await sendOverHttp2(url, wrong, owner)]).toEqual([200, 401]);
    });

    test('needs no certificate where it is not bound, and no client can name one', async () => {
      const url = await start({ ...tls(), tlsRequestCert: true, ...LOOPBACK, ...path });
      if (owner === undefined) throw new Error('beforeAll creates it');
      const authorization = `Bearer ${await testbed.issuer.mint({ aud: LEGACY })}`;

      expect(await sendOverTls(url, { authorization, 'client-cert': clientCert(owner) })).toBe(200);
      expect(testbed.upstream.seen[0]?.headers).not.toHaveProperty('client-cert');
    });
  });

  test.each([[{ mode: 'proxy', judge: 'enforce' } as const], [{ mode: 'forward-auth' } as const]])(
    'is accepted by the header of a trusted proxy: %j',
    async (mode) => {
      const url = await start({ ...mode, ...LOOPBACK, clientCertificateHeader: 'Client-Cert' });
      if (owner === undefined || thief === undefined) throw new Error('beforeAll creates them');
      const authorization = await bearerOf(owner);
      const status = async (certificate?: string) =>
        (await sendRequest(url, { headers: { authorization, ...(certificate && { 'client-cert': certificate }) } }))
          .status;

      expect([await status(clientCert(owner)), await status(clientCert(thief)), await status()]).toEqual([
        200, 401, 401,
      ]);
    },
  );

  test('is rejected, and its header removed, where the client is not trusted', async () => {
    const settings = { clientCertificateHeader: 'X-SSL-Cert', trustedProxies: ['192.0.2.1'] };
    const url = await start(settings);
    if (owner === undefined) throw new Error('beforeAll creates it');
    const headers = { authorization: await bearerOf(owner), 'x-ssl-cert': clientCert(owner) };

    expect((await sendRequest(url, { headers })).status).toBe(200);
    await vi.waitFor(async () => expect(await counted()).toEqual({ accepted: 0, rejected: 1 }));
    expect(testbed.upstream.seen[0]?.headers).not.toHaveProperty('x-ssl-cert');
  });
});
