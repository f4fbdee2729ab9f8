import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import { Agent, createServer as createTlsServer, get } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createCertificate } from '../fixture/certificate.ts';
import { sendRequest } from '../fixture/http.ts';
import { listenAt } from '../fixture/listening.ts';
import { startTestbed } from '../fixture/testbed.ts';

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'upstream-'));
});
afterAll(() => rm(directory, { recursive: true }));

const echo: RequestListener = (request, response) => {
  request.resume().on('end', () => response.end(`${request.headers.host} ${request.url}`));
};
/** For both kinds of connections to the API: reused ones, and one for each request that ends in trailers. */
const WAYS = [{}, { method: 'POST', headers: { trailer: 'x', 'transfer-encoding': 'chunked' }, body: 'x' }];

test('an API on a Unix socket is reached', async () => {
  const path = join(directory, 'app.sock');
  const api = createServer(echo);
  const close = await listenAt(api, { path });
  const testbed = await startTestbed({ upstream: `unix:${path}` });
  for (const way of WAYS) {
    const response = await sendRequest(`${testbed.sidecar.dataUrl}/orders`, way);
    expect(response).toMatchObject({ status: 200, body: `${new URL(testbed.sidecar.dataUrl).host} /orders` });
  }
  await testbed.close();
  await close();
});

test('IPv6 addresses are reached, and listened on', async () => {
  const api = createServer(echo);
  const close = await listenAt(api, { host: '::1', port: 0 });
  const address = api.address();
  const port = typeof address === 'object' ? address?.port : 0;
  const testbed = await startTestbed({ upstream: `http://[::1]:${port}/base/`, listen: '[::1]:0' });
  expect(testbed.sidecar.dataUrl).toMatch(/^http:\/\/\[::1\]:/);
  for (const way of WAYS) {
    expect((await sendRequest(`${testbed.sidecar.dataUrl}/orders`, way)).body).toMatch(/ \/base\/orders$/);
  }
  await testbed.close();
  await close();
});

test('an API with TLS is reached, and its certificate verified, whatever Host a client sends', async () => {
  const pair = createCertificate();
  const upstreamCa = join(directory, 'ca.pem');
  await writeFile(upstreamCa, pair.cert);
  const api = createTlsServer(pair, echo);
  const close = await listenAt(api, { host: '127.0.0.1', port: 0 });
  const address = api.address();
  const port = typeof address === 'object' ? address?.port : 0;
  const names: unknown[] = [];
  api.on('secureConnection', (socket) => names.push(socket.servername));

  const testbed = await startTestbed({ upstream: `https://localhost:${port}`, upstreamCa });
  for (const way of WAYS) {
    const headers = { ...way.headers, host: 'api.example.com' };
    expect(await sendRequest(testbed.sidecar.dataUrl, { ...way, headers })).toMatchObject({
      status: 200,
      body: 'api.example.com /',
    });
  }
  expect(new Set(names)).toEqual(new Set(['localhost']));
  await testbed.close();

  const withoutCa = await startTestbed({ upstream: `https://localhost:${port}` });
  for (const way of WAYS) expect((await sendRequest(withoutCa.sidecar.dataUrl, way)).status).toBe(502);
  await withoutCa.close();
  await close();
});

test('with TLS on both sides, connections are reused after long responses', async () => {
  const pair = createCertificate();
  const [tlsCert, tlsKey] = [join(directory, 'tls.crt'), join(directory, 'tls.key')];
  await Promise.all([writeFile(tlsCert, pair.cert), writeFile(tlsKey, pair.key)]);
  const api = createTlsServer(pair, (request, response) => {
    const size = Number(request.url?.slice(1));
    response.writeHead(200, { 'content-length': size }).end('x'.repeat(size));
  });
  const close = await listenAt(api, { host: '127.0.0.1', port: 0 });
  const address = api.address();
  const port = typeof address === 'object' ? address?.port : 0;
  const testbed = await startTestbed({ upstream: `https://localhost:${port}`, upstreamCa: tlsCert, tlsCert, tlsKey });
  const agent = new Agent({ keepAlive: true, maxSockets: 1, ca: pair.cert });
  for (const size of [10, 17_000, 10, 40_000, 300_000, 10, 16_384, 16_385, 10]) {
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      get(`${testbed.sidecar.dataUrl.replace('127.0.0.1', 'localhost')}/${size}`, { agent }, resolve).on(
        'error',
        reject,
      );
    });
    let bytes = 0;
    for await (const chunk of response) bytes += chunk.length;
    expect(bytes).toBe(size);
  }
  agent.destroy();
  await testbed.close();
  await close();
});
