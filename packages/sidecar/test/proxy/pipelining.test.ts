import type { ServerResponse } from 'node:http';
import { connect, type Socket } from 'node:net';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { BOTH_PATHS, startTestbed, type Testbed } from '../fixture/testbed.ts';

/** Every other one is not simple. */
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
    client.write(requests.map((text) => `${text} HTTP/1.1\r\nHost: a\r\n${FRAMING(text)}`).join(''));
  }
  const FRAMING = (text: string) => (text.startsWith('POST') ? 'TE: trailers\r\nContent-Length: 1\r\n\r\nx' : '\r\n');
  const release = (path: string) => held.get(path)?.end(path);
  const bodies = () =>
    received
      .split('HTTP/1.1 200 ')
      .slice(1)
      .map((text) => text.split('\r\n\r\n')[1]);
  const arrived = () => [...held.keys()];

  test('reach the API one after the other, as an unsafe one must not overtake another', async () => {
    const requests = ['GET /1', 'POST /2', 'GET /3', 'POST /4'];
    await pipeline(...requests);
    const paths = requests.map((text) => text.split(' ')[1] ?? '');
    for (const [index, path] of paths.entries()) {
      const expected = paths.slice(0, index + 1);
      await vi.waitFor(() => expect(arrived()).toEqual(expected));
      // More turns of each loop, in which the next one would have arrived.
      for (let turn = 0; turn < 20; turn += 1) await new Promise(setImmediate);
      expect(arrived()).toEqual(expected);
      release(path);
    }
    await vi.waitFor(() => expect(bodies()).toEqual(paths));
  });

  test('never begin if their client leaves before', async () => {
    await pipeline('GET /1', 'POST /2');
    await vi.waitFor(() => expect(arrived()).toEqual(['/1']));
    client.destroy();
    await vi.waitFor(() => expect(held.get('/1')?.destroyed).toBe(true));
    expect(arrived()).toEqual(['/1']);
  });
});
