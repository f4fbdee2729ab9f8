import { createHash, createHmac } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type PrometheusPlan, UnavailableError } from '@crossfade/core';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { createCertificate } from '../../../sidecar/test/fixture/certificate.ts';
import { createPrometheusApi } from '../../src/prometheus/prometheus-api.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'prometheus-api-'));
});
afterAll(() => rm(folder, { recursive: true }));

type Handler = (request: IncomingMessage, response: ServerResponse) => void;
const answer: Handler = (_request, response) => response.end('{"fine":true}');

async function start(handler: Handler, tls?: { readonly cert: string; readonly key: string }) {
  const seen: IncomingMessage[] = [];
  const listener: Handler = (request, response) => {
    seen.push(request);
    handler(request, response);
  };
  const server = tls === undefined ? createHttpServer(listener) : createHttpsServer(tls, listener);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return { url: `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}/prom`, seen };
}

function open(url: string, settings: Partial<PrometheusPlan> = {}) {
  return createPrometheusApi({ url, timeoutMs: 5000, ...settings }, new AbortController().signal);
}

async function fileWith(name: string, text: string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, text);
  return path;
}

describe('a Prometheus that asks who queries', () => {
  it('gets the headers of the plan, below the path of its URL', async () => {
    const { url, seen } = await start(answer);
    const api = open(url, { headers: { 'X-Scope-OrgID': 'team-a' } });
    expect(await api.get('query', { query: 'up' })).toEqual({ fine: true });
    expect(seen[0]?.url).toBe('/prom/api/v1/query?query=up');
    expect(seen[0]?.headers).toMatchObject({ 'x-scope-orgid': 'team-a', accept: 'application/json' });
    expect(seen[0]?.headers.authorization).toBeUndefined();
  });

  it('gets the token of its file, which is read again because it is renewed', async () => {
    const { url, seen } = await start(answer);
    const bearerTokenFile = await fileWith('token', 'first\n');
    const api = open(url, { bearerTokenFile });
    await api.get('rules');
    await writeFile(bearerTokenFile, 'second');
    await api.get('rules');
    expect(seen.map(({ headers }) => headers.authorization)).toEqual(['Bearer first', 'Bearer second']);
  });

  it('gets a user and the password of its file as HTTP Basic', async () => {
    const { url, seen } = await start(answer);
    await open(url, { basic: { username: 'reader', passwordFile: await fileWith('password', 'pass:word\n') } }).get(
      'rules',
    );
    expect(seen[0]?.headers.authorization).toBe(`Basic ${Buffer.from('reader:pass:word').toString('base64')}`);
  });

  it('is out of reach, and no reason to crash, while a file cannot be read or holds no secret', async () => {
    const { url, seen } = await start(answer);
    const missing = open(url, { bearerTokenFile: join(folder, 'none') }).get('rules');
    await expect(missing).rejects.toThrow(
      /^Prometheus cannot be asked: the file of gate\.prometheus\.bearerTokenFile cannot be read \(ENOENT\)$/,
    );
    await expect(missing).rejects.toBeInstanceOf(UnavailableError);
    const two = open(url, { bearerTokenFile: await fileWith('two-lines', 'one\ntwo') }).get('rules');
    await expect(two).rejects.toThrow(/must hold one line of printable ASCII$/);
    expect(seen).toEqual([]);
  });

  it.each([
    [401, /401: check basic, bearerTokenFile or sigv4/],
    [403, /403: this user may not query it/],
    [404, /404: check the path of gate\.prometheus\.url/],
    [302, /302, a redirect: gate\.prometheus\.url must be the address of its API, and not of a login page/],
    [410, /410: gate\.prometheus\.url must be the address of its API, and not .* Alertmanager$/],
    [422, /422: it refused to evaluate the query/],
    [429, /429: it is asked too often; ask again later/],
    [503, /503: it starts, is overloaded or fails; ask again later$/],
  ])('says what a %i means, and nothing secret', async (status, message) => {
    const { url } = await start((_request, response) => response.writeHead(status).end('the-secret'));
    const failed = open(url, { bearerTokenFile: await fileWith('secret', 'the-secret') }).get('rules');
    await expect(failed).rejects.toThrow(message);
    await expect(failed).rejects.toThrow(/^(?!.*the-secret)/);
  });

  it('is no page that a login or another server shows in its place', async () => {
    const { url } = await start((_request, response) => response.end('<html>the-secret</html>'));
    await expect(open(url).get('query')).rejects.toThrow(
      /^Prometheus did not return JSON: gate\.prometheus\.url must be the address of its API/,
    );
  });

  it('responds within the time of the plan, or is out of reach', async () => {
    const { url } = await start(() => undefined);
    await expect(open(url, { timeoutMs: 50 }).get('rules')).rejects.toThrow('Prometheus did not respond within 0.05s');
  });
});

describe('a Prometheus with a certificate of its own', () => {
  it('is trusted by the authority of the plan, and without it the remedy is said', async () => {
    const certificate = createCertificate();
    const { url } = await start(answer, certificate);
    const ca = await fileWith('ca.pem', certificate.cert);
    expect(await open(url, { ca }).get('rules')).toEqual({ fine: true });
    await expect(open(url).get('rules')).rejects.toThrow(/certificate is not trusted here; set gate\.prometheus\.ca/);
  });
});

describe('Amazon Managed Service for Prometheus', () => {
  it('gets requests that are signed by Signature Version 4, computed here a second time', async () => {
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIDEXAMPLE');
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'a-secret-of-this-test');
    onTestFinished(() => {
      vi.unstubAllEnvs();
    });
    const { url, seen } = await start(answer);
    await open(url, { sigv4: { region: 'eu-central-1', service: 'aps' } }).get('query', { query: 'sum(up{a="b c"})' });
    const [request] = seen;
    const { authorization = '' } = request?.headers ?? {};
    const [, scope, signedHeaders, signature] =
      /^AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE\/(\S+), SignedHeaders=(\S+), Signature=([0-9a-f]{64})$/.exec(
        authorization,
      ) ?? [];
    expect(scope).toMatch(/^\d{8}\/eu-central-1\/aps\/aws4_request$/);
    expect(signature).toBe(signatureOf(request as IncomingMessage, scope ?? '', signedHeaders ?? ''));
  });
});

/** @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html */
function signatureOf({ method, url = '', headers }: IncomingMessage, scope: string, signedHeaders: string): string {
  const [path = '', query = ''] = url.split('?');
  const parameters = [...new URLSearchParams(query)].map(
    ([name, value]) => `${encodeStrictly(name)}=${encodeStrictly(value)}`,
  );
  const canonical = [
    method,
    path,
    parameters.sort().join('&'),
    ...signedHeaders.split(';').map((name) => `${name}:${headers[name]}`),
    '',
    signedHeaders,
    createHash('sha256').update('').digest('hex'),
  ].join('\n');
  const toSign = [
    'AWS4-HMAC-SHA256',
    headers['x-amz-date'],
    scope,
    createHash('sha256').update(canonical).digest('hex'),
  ];
  const hmac = (key: string | Buffer, text: string) => createHmac('sha256', key).update(text).digest();
  const key = scope.split('/').reduce<string | Buffer>(hmac, 'AWS4a-secret-of-this-test');
  return hmac(key, toSign.join('\n')).toString('hex');
}

/** RFC 3986 §2.3. */
function encodeStrictly(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (letter) => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
