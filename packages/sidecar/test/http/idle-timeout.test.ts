import { createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http';
import { afterEach, expect, test } from 'vitest';
import { createIdleTimeout, type IdleTimeout } from '../../src/http/idle-timeout.ts';
import { type Listening, listenOnLoopback } from '../fixture/listening.ts';

let listening: Listening | undefined;
afterEach(() => listening?.close());

/** Serves one request with a timeout of 50 ms. @returns the status, or `closed`. */
async function serve(handle: (idleTimeout: IdleTimeout, request: IncomingMessage, response: ServerResponse) => void) {
  const server = createServer((request, response) =>
    handle(createIdleTimeout(request, response, 50), request, response),
  );
  listening = await listenOnLoopback(server);
  const { url } = listening;
  return new Promise<string>((resolve) => {
    httpRequest(url, { method: 'POST', headers: { 'content-length': '5' } })
      .on('error', () => resolve('closed'))
      .on('response', (response) => {
        response.resume();
        resolve(String(response.statusCode));
      })
      .write('half');
  });
}

test('a client that stops sending has its connection closed', async () => {
  const ended = await serve((idleTimeout, request) => {
    request.on('error', () => {}).resume();
    idleTimeout.start();
  });
  expect(ended).toBe('closed');
});

test('a client that waits for the response is never timed out', async () => {
  const ended = await serve((idleTimeout, request, response) => {
    request.pause();
    idleTimeout.start();
    idleTimeout.stop();
    setTimeout(() => response.end(), 200);
  });
  expect(ended).toBe('200');
});
