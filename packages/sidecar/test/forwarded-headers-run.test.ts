import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { request as httpRequest } from 'node:http';
import { Agent, createServer, request as httpsRequest } from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { createCertificate } from './fixture/certificate.ts';
import { sendRequest } from './fixture/http.ts';
import { createRecordingLog } from './fixture/log.ts';
import { BOTH_PATHS, startTestbed, type Testbed } from './fixture/testbed.ts';

const opened: { close(): Promise<void> }[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map((one) => one.close()));
});

async function start(...parameters: Parameters<typeof startTestbed>): Promise<Testbed> {
  const testbed = await startTestbed(...parameters);
  opened.push(testbed);
  return testbed;
}

/** A proxy that ends TLS and says so in `X-Forwarded-Proto`, as an ingress does. */
async function startTlsProxy(target: string) {
  const { cert, key } = createCertificate();
  const server = createServer({ cert, key }, (request, response) => {
    const headers = { ...request.headers, 'x-forwarded-proto': 'https', 'x-forwarded-for': '203.0.113.9' };
    httpRequest(`${target}${request.url}`, { headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    }).end();
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  opened.push({
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  });
  return { url: `https://localhost:${(server.address() as AddressInfo).port}`, agent: new Agent({ ca: cert }) };
}

/** Follows redirects, at most 5. @returns the statuses. */
async function follow(url: string, agent: Agent): Promise<number[]> {
  const statuses: number[] = [];
  let next: string | undefined = url;
  while (next !== undefined && statuses.length < 5) {
    const request = httpsRequest(next, { agent }).end();
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    response.resume();
    statuses.push(response.statusCode ?? 0);
    next = response.headers.location;
  }
  agent.destroy();
  return statuses;
}

describe.each(BOTH_PATHS)('%s, behind a proxy that ends TLS,', (_name, settings) => {
  const redirectToHttps = ({ upstream }: Testbed) => {
    upstream.respond = (request, response) => {
      if (request.headers['x-forwarded-proto'] === 'https') return response.end('orders');
      return response.writeHead(308, { location: `https://${request.headers.host}${request.url}` }).end();
    };
  };

  test('an API that wants https redirects to itself for ever, and the status names the proxy', async () => {
    const log = createRecordingLog();
    const testbed = await start(settings, { logger: log });
    redirectToHttps(testbed);
    const proxy = await startTlsProxy(testbed.sidecar.dataUrl);
    expect(await follow(`${proxy.url}/orders`, proxy.agent)).toEqual([308, 308, 308, 308, 308]);
    const { forwardedHeaders } = await testbed.status();
    expect(forwardedHeaders).toEqual({ replaced: 5, from: ['127.0.0.1'], lastAt: expect.any(String) });
    const lines = log.lines.filter(({ fields }) => fields['event'] === 'forwarded_headers_replaced');
    expect(lines).toMatchObject([{ level: 'warn', fields: { from: '127.0.0.1' } }]);
  });

  test('one that trustedProxies names is believed, and nothing is replaced', async () => {
    const testbed = await start({ ...settings, trustedProxies: ['127.0.0.0/8'] });
    redirectToHttps(testbed);
    const proxy = await startTlsProxy(testbed.sidecar.dataUrl);
    expect(await follow(`${proxy.url}/orders`, proxy.agent)).toEqual([200]);
    expect((await testbed.status()).forwardedHeaders).toEqual({ replaced: 0, from: [], lastAt: null });
  });

  test.each(['Forwarded', 'X-Forwarded-For', 'x-forwarded-proto', 'X-FORWARDED-HOST'])(
    'a request with %s counts once',
    async (name) => {
      const testbed = await start(settings);
      await sendRequest(testbed.sidecar.dataUrl, { headers: { [name]: 'for=192.0.2.1', 'X-Forwarded-For': '1' } });
      await sendRequest(testbed.sidecar.dataUrl, { headers: { accept: '*/*' } });
      await vi.waitFor(async () =>
        expect((await testbed.status()).forwardedHeaders).toMatchObject({ replaced: 1, from: ['127.0.0.1'] }),
      );
    },
  );
});

test('a sidecar that forwards nothing does not say what it replaced', async () => {
  const testbed = await start({ mode: 'forward-auth' });
  await sendRequest(testbed.sidecar.dataUrl, { headers: { 'x-forwarded-proto': 'https' } });
  expect(await testbed.status()).not.toHaveProperty('forwardedHeaders');
});
