import type { ServerResponse } from 'node:http';
import { connect, type Socket } from 'node:net';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { BOTH_PATHS, startTestbed, type Testbed } from '../fixture/testbed.ts';

/** Pipelined on a connection that node:http serves, from its first request on. */
describe.each(BOTH_PATHS)('pipelined requests, %s,', (_name, settings) => {
  let testbed: Testbed;
  let client: Socket;
  let received = '';
  const held = new Map<string, ServerResponse>();
  afterEach(async () => {
    client.destroy();
    await testbed.close();
  });

  /** Sends requests in one write, to an API that holds each response until `release`. */
  async function pipeline(...requests: readonly string[]) {
    received = '';
    held.clear();
    testbed = await startTestbed(settings);
    testbed.upstream.respond = (request, response) => {
      held.set(request.url ?? '', response);
      request.resume();
    };
    client = connect(Number(new URL(testbed.sidecar.dataUrl).port), '127.0.0.1');
    client.setEncoding('latin1').on('data', (text: string) => {
      received += text;
    });
    client.on('error', () => {});
    client.write(requests.map((text) => `${text} HTTP/1.1\r\nHost: a\r\nTE: trailers\r\n${FRAMING(text)}`).join(''));
  }
  const FRAMING = (text: string) => (text.startsWith('POST') ? 'Content-Length: 1\r\n\r\nx' : '\r\n');
  const release = (path: string) => held.get(path)?.end(path);
  const bodies = () =>
    received
      .split('HTTP/1.1 200 ')
      .slice(1)
      .map((text) => text.split('\r\n\r\n')[1]);
  const arrived = () => [...held.keys()].sort().join(' ');

  test('reach the API together if all are safe, and are responded to in order', async () => {
    await pipeline('GET /1', 'HEAD /2', 'GET /3');
    await vi.waitFor(() => expect(arrived()).toBe('/1 /2 /3'));
    for (const path of ['/3', '/2', '/1']) release(path);
    await vi.waitFor(() => expect(bodies()).toEqual(['/1', '', '/3']));
  });

  test('reach the API one after the other around an unsafe one', async () => {
    await pipeline('GET /1', 'GET /2', 'POST /3', 'GET /4', 'GET /5', 'POST /6');
    const steps = [
      ['/1 /2', ['/2', '/1']],
      ['/1 /2 /3', ['/3']],
      ['/1 /2 /3 /4 /5', ['/4', '/5']],
      ['/1 /2 /3 /4 /5 /6', ['/6']],
    ] as const;
    for (const [expected, released] of steps) {
      await vi.waitFor(() => expect(arrived()).toBe(expected));
      // One more turn of each loop, in which another would have arrived.
      await new Promise((resolve) => setTimeout(resolve, 20));
      expect(arrived()).toBe(expected);
      for (const path of released) release(path);
    }
    await vi.waitFor(() => expect(bodies()).toEqual(['/1', '/2', '/3', '/4', '/5', '/6']));
  });

  test('end at the API when their client leaves, and those that wait never begin', async () => {
    await pipeline('GET /1', 'GET /2', 'POST /3');
    await vi.waitFor(() => expect(arrived()).toBe('/1 /2'));
    client.destroy();
    await vi.waitFor(() => expect([...held.values()].every(({ destroyed }) => destroyed)).toBe(true));
    expect(arrived()).toBe('/1 /2');
  });
});
