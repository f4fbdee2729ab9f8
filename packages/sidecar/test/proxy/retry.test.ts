import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';
import { errors } from 'undici';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { retryOnce } from '../../src/proxy/retry.ts';
import { sendRequest } from '../fixture/http.ts';
import { BOTH_PATHS, startTestbed, type Testbed } from '../fixture/testbed.ts';

/** As undici tells of a connection that the other side closed, having read so much from it. */
function closed(bytesRead: number, message = 'other side closed'): errors.SocketError {
  const error = new errors.SocketError(message);
  return Object.assign(error, { socket: { bytesRead } });
}

describe('what may be sent once more', () => {
  test.each(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PUT', 'DELETE'])('%s without a body, once', async (method) => {
    const send = vi.fn();
    const retry = retryOnce({ method, body: null }, send);
    expect(retry?.(closed(100))).toBe(true);
    expect(send).not.toHaveBeenCalled();
    await vi.waitFor(() => expect(send).toHaveBeenCalledOnce());
    expect(retry?.(closed(100))).toBe(false);
  });

  test.each(['POST', 'PATCH', 'REPORT', 'get'])('not %s', (method) => {
    expect(retryOnce({ method, body: null }, () => {})).toBeUndefined();
  });

  test('not what has a body, part of which may have left', () => {
    expect(retryOnce({ method: 'PUT', body: {} }, () => {})).toBeUndefined();
  });

  test.each([
    ['a new connection that was closed', closed(0)],
    ['an answer that can not be read', closed(100, 'bad response')],
    ['a reset', Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' })],
    ['a refused connection', Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' })],
    ['a timeout', new errors.HeadersTimeoutError()],
  ])('not after %s', (_name, error) => {
    expect(retryOnce({ method: 'GET', body: null }, () => {})?.(error)).toBe(false);
  });
});

describe.each(BOTH_PATHS)('behind an API that closes connections, %s,', (_name, settings) => {
  const OK = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok';
  let testbed: Testbed;
  let api: Server;
  afterEach(async () => {
    await testbed.close();
    api.close();
  });

  /** @param answer to the n-th request head, from 0; nothing closes the connection. */
  async function open(answer: (n: number) => string | undefined): Promise<() => number> {
    let heads = 0;
    api = createServer((socket: Socket) => {
      socket.on('error', () => {});
      socket.on('data', () => {
        const text = answer(heads);
        heads += 1;
        if (text === undefined) socket.destroy();
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

  test('a GET that meets a closing connection is answered, and counts once', async () => {
    const heads = await open((n) => (n === 1 ? undefined : OK));
    for (let n = 0; n < 3; n += 1) expect((await sendRequest(testbed.sidecar.dataUrl)).status).toBe(200);
    expect(heads()).toBe(4);
    await vi.waitFor(async () => expect(await counted()).toBe(3));
  });

  test('twice in a row is an API that is down: 502, and counts once', async () => {
    const heads = await open((n) => (n === 0 ? OK : undefined));
    expect((await sendRequest(testbed.sidecar.dataUrl)).status).toBe(200);
    expect((await sendRequest(testbed.sidecar.dataUrl)).status).toBe(502);
    expect(heads()).toBe(3);
    await vi.waitFor(async () => expect(await counted()).toBe(2));
  });

  test('what closes a new connection without an answer is not asked again', async () => {
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

  test('what has begun to be answered is not asked again', async () => {
    const heads = await open((n) => (n === 1 ? 'HTTP/1.1 102 Processing\r\n\r\nnonsense' : OK));
    expect((await sendRequest(testbed.sidecar.dataUrl)).status).toBe(200);
    expect((await sendRequest(testbed.sidecar.dataUrl)).status).toBe(502);
    expect(heads()).toBe(2);
  });
});
