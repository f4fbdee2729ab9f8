import { createServer, type RequestListener } from 'node:http';
import { afterEach, expect, test } from 'vitest';
import { readJson } from '../../src/fleet/read-json.ts';
import { freePort, type Listening, listenOnLoopback } from '../fixture/listening.ts';

const servers: Listening[] = [];
afterEach(() => Promise.all(servers.splice(0).map((server) => server.close())));

async function serve(respond: RequestListener): Promise<string> {
  const server = await listenOnLoopback(createServer(respond));
  servers.push(server);
  return server.url;
}

function read(url: string, change: Partial<Parameters<typeof readJson>[1]> = {}) {
  return readJson(url, { timeoutMs: 10_000, maxBytes: 1000, signal: new AbortController().signal, ...change });
}

test('sends the read token, and returns the document and its link', async () => {
  const url = await serve((request, response) => {
    response.setHeader('link', '<./>; rel="alternate"').end(JSON.stringify(request.headers.authorization));
  });
  const response = await read(url, { bearer: 'secret' });
  expect(response).toEqual({ body: 'Bearer secret', link: '<./>; rel="alternate"' });
});

test('sends the credentials in the URL before the read token', async () => {
  const url = await serve(({ headers }, response) => response.end(JSON.stringify(headers.authorization)));
  const { body } = await read(url.replace('//', '//user:pass%3A@'), { bearer: 'secret' });
  expect(body).toBe(`Basic ${Buffer.from('user:pass:').toString('base64')}`);
});

test.each([
  [401, 'responded with 401: set CROSSFADE_READ_TOKEN'],
  [404, 'responded with 404: its metrics port tells once CROSSFADE_SIDECAR_READ_TOKEN is set'],
  [421, 'listens on loopback'],
  [302, 'responded with 302'],
  [503, 'responded with 503'],
])('says what to do about the status %i, and follows no redirect', async (status, message) => {
  const paths = new Set<string | undefined>();
  const url = await serve((request, response) => {
    paths.add(request.url);
    response.writeHead(status, { location: '/elsewhere' }).end('{}');
  });
  await expect(read(url, { bearer: 'secret' })).rejects.toThrow(message);
  expect([...paths]).toEqual(['/']);
});

test('stops at the size limit, also of a body without a length', async () => {
  const url = await serve((_request, response) => {
    response.write('['.repeat(600));
    response.write('['.repeat(600));
    // Ends never by itself: the reader closes the connection.
  });
  await expect(read(url)).rejects.toThrow('sent more than 1000 bytes');
});

test.each([
  ['before the head', (() => {}) satisfies RequestListener],
  ['after the head', ((_request, response) => response.writeHead(200).flushHeaders()) satisfies RequestListener],
])('stops after its time where the server hangs %s', async (_when, respond) => {
  await expect(read(await serve(respond), { timeoutMs: 50 })).rejects.toThrow('did not respond within 0.05s');
});

test('stops when it is told to, also before it begins', async () => {
  const url = await serve(() => {});
  const ending = new AbortController();
  const reading = read(url, { signal: ending.signal });
  ending.abort();
  await expect(reading).rejects.toThrow('cannot be reached');
  await expect(read(url, { signal: ending.signal })).rejects.toThrow('cannot be reached');
});

test('names the reason without address and payload', async () => {
  const url = await serve((_request, response) => response.end('secret: not JSON'));
  await expect(read(url)).rejects.toThrow(/^did not return JSON$/);
  await expect(read(`http://127.0.0.1:${await freePort()}`)).rejects.toThrow(/^cannot be reached \(ECONNREFUSED\)$/);
});
