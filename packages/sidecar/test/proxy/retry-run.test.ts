import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { sendRequest } from '../fixture/http.ts';
import { BOTH_PATHS, startTestbed, type Testbed } from '../fixture/testbed.ts';

const WAYS = BOTH_PATHS.flatMap(([path, settings]) => [
  { path, settings, how: 'closes', lose: (socket: Socket) => void socket.destroy() },
  { path, settings, how: 'resets', lose: (socket: Socket) => void socket.resetAndDestroy() },
]);

describe.each(WAYS)('behind an API that $how connections, $path,', ({ settings, lose }) => {
  const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';
  let testbed: Testbed;
  let api: Server;
  afterEach(async () => {
    await testbed.close();
    api.close();
  });

  /** @param respond returns the response to the n-th request head, from 0; `undefined` ends the connection. */
  async function open(respond: (n: number) => string | undefined): Promise<() => number> {
    let heads = 0;
    api = createServer((socket: Socket) => {
      socket.on('error', () => {});
      socket.on('data', () => {
        const text = respond(heads);
        heads += 1;
        if (text === undefined) lose(socket);
        else socket.write(text);
      });
    }).listen(0, '127.0.0.1');
    await once(api, 'listening');
    const address = api.address();
    const port = typeof address === 'object' ? address?.port : 0;
    testbed = await startTestbed({ upstream: `http://127.0.0.1:${port}`, ...settings });
    return () => heads;
  }

  const counted = async () => (await testbed.status()).audiences.none.rejected;

  test('a GET that meets a lost connection gets its response, and counts once', async () => {
    const heads = await open((n) => (n === 1 ? undefined : OK));
    for (let n = 0; n < 3; n += 1) expect((await sendRequest(testbed.sidecar.dataUrl)).status).toBe(200);
    expect(heads()).toBe(4);
    await vi.waitFor(async () => expect(await counted()).toBe(3));
  });

  test('a GET that meets two lost connections gets 502, and counts once', async () => {
    const heads = await open((n) => (n === 0 ? OK : undefined));
    expect((await sendRequest(testbed.sidecar.dataUrl)).status).toBe(200);
    expect((await sendRequest(testbed.sidecar.dataUrl)).status).toBe(502);
    expect(heads()).toBe(3);
    await vi.waitFor(async () => expect(await counted()).toBe(2));
  });

  test('a request on a new connection is not retried', async () => {
    const heads = await open(() => undefined);
    expect((await sendRequest(testbed.sidecar.dataUrl)).status).toBe(502);
    expect(heads()).toBe(1);
  });

  test('a POST is never sent twice', async () => {
    const heads = await open((n) => (n === 0 ? OK : undefined));
    expect((await sendRequest(testbed.sidecar.dataUrl)).status).toBe(200);
    expect((await sendRequest(testbed.sidecar.dataUrl, { method: 'POST' })).status).toBe(502);
    expect(heads()).toBe(2);
  });

  test('a request whose response has begun is not retried', async () => {
    const heads = await open((n) => (n === 1 ? 'HTTP/1.1 102 Processing\r\n\r\nnonsense' : OK));
    expect((await sendRequest(testbed.sidecar.dataUrl)).status).toBe(200);
    expect((await sendRequest(testbed.sidecar.dataUrl)).status).toBe(502);
    expect(heads()).toBe(2);
  });
});
