import { Agent, createServer, type Server } from 'node:http';
import { createServer as createTlsServer, Agent as TlsAgent } from 'node:https';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type FastPath, openFastPath } from '../../src/fast-path/fast-path.ts';
import { createCertificate } from '../fixture/certificate.ts';
import { sendBytes, sendRequest } from '../fixture/http.ts';
import { type Listening, listenOnLoopback } from '../fixture/listening.ts';

const pair = createCertificate();
const KINDS = [
  ['TCP', 'http', () => createServer(), () => new Agent({ keepAlive: true, maxSockets: 1 })],
  [
    'TLS',
    'https',
    () => createTlsServer(pair),
    () => new TlsAgent({ keepAlive: true, maxSockets: 1, rejectUnauthorized: false }),
  ],
] as const;

describe.each(KINDS)('over %s', (_name, protocol, create, createAgent) => {
  let server: Server;
  let fastPath: FastPath;
  let listening: Listening;
  let url: string;
  let agent: Agent;
  let sockets: number;
  beforeEach(async () => {
    server = create().on('request', (_request, response) => response.end('server'));
    const event = protocol === 'https' ? 'secureConnection' : 'connection';
    fastPath = openFastPath(server, event, {
      handle(_request, response) {
        response.write('HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nfast');
        response.end();
      },
      closing: () => false,
      headerTimeoutMs: 100,
      stallTimeoutMs: 60_000,
      idleTimeoutMs: 75_000,
    });
    sockets = 0;
    server.on(event, () => (sockets += 1));
    listening = await listenOnLoopback(server);
    url = listening.url.replace(/^http:/, `${protocol}:`);
    agent = createAgent();
  });
  afterEach(async () => {
    agent.destroy();
    await listening.close();
  });

  test('a connection returns to the fast path after a request that is not simple', async () => {
    const responses: string[] = [];
    for (const method of ['GET', 'POST', 'REPORT', 'GET', 'POST', 'GET']) {
      responses.push((await sendRequest(url, { method, agent })).body);
    }
    expect(responses).toEqual(['fast', 'fast', 'server', 'fast', 'fast', 'fast']);
    expect(sockets).toBe(1);
  });

  test('a request in many pieces arrives whole', async () => {
    const body = 'x'.repeat(1_000_000);
    expect((await sendRequest(url, { method: 'POST', body, agent })).body).toBe('server');
  });

  test('connections can be closed that have been idle for a second', async () => {
    await sendRequest(url, { agent });
    fastPath.closeIdleConnections();
    await sendRequest(url, { agent });
    expect(sockets).toBe(1);
    await vi.waitFor(
      () => {
        fastPath.closeIdleConnections();
        expect(Object.keys(agent.freeSockets)).toEqual([]);
      },
      { timeout: 3_000 },
    );
    await sendRequest(url, { agent });
    expect(sockets).toBe(2);
  });
});

test('silent connections are closed after the header timeout', async () => {
  const server = createServer();
  openFastPath(server, 'connection', {
    handle() {},
    closing: () => false,
    headerTimeoutMs: 50,
    stallTimeoutMs: 60_000,
    idleTimeoutMs: 75_000,
  });
  const listening = await listenOnLoopback(server);
  expect(await sendBytes(listening.url, '')).toBe('');
  expect(await sendBytes(listening.url, 'GET / HTTP/1.1\r\n')).toMatch(/^HTTP\/1.1 408 /);
  await listening.close();
});
