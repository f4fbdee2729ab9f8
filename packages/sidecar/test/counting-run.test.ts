import { once } from 'node:events';
import { Agent, request as httpRequest, type IncomingMessage } from 'node:http';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type House, LEGACY, openHouse, TARGET } from './fixture/house.ts';
import { speak } from './fixture/http.ts';

let house: House;
beforeAll(async () => {
  house = await openHouse();
});
afterAll(() => house.close());

const WAYS = [
  'get',
  'post',
  'upload',
  'abort-at-once',
  'abort-in-answer',
  'abort-in-upload',
  'broken',
  'upgrade',
] as const;
const REQUESTS = 2_500;
const CLIENTS = 24;

/** Deterministic: the same mix at every run. */
function createDice(seed: number): (sides: number) => number {
  let state = seed;
  return (sides) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fff_ffff;
    return (state >> 8) % sides;
  };
}

test('counts what the API saw: each request once, by what its token was', async () => {
  const { issuer, upstream, sidecar } = house;
  upstream.answer = (request, response) => {
    if (request.url === '/broken') return request.socket.destroy();
    if (request.url === '/abort-in-answer') return response.write('beginning');
    return request.resume().on('end', () => response.writeHead(request.url === '/post' ? 403 : 200).end('done'));
  };
  upstream.upgrade = (_request, socket) => {
    socket.end('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\nhi');
  };
  const tokens: Record<string, string> = {
    legacy: await issuer.mint({ aud: LEGACY }),
    target: await issuer.mint({ aud: TARGET }),
    bridge: await issuer.mint({ aud: [LEGACY, TARGET] }),
    expired: await issuer.mint({ aud: LEGACY, expiresInSeconds: -60 }),
    invalid: await issuer.forge({ aud: LEGACY }),
    none: '',
  };
  const kinds = Object.keys(tokens);
  const agent = new Agent({ keepAlive: true });
  const dice = createDice(42);

  const send = async (way: (typeof WAYS)[number], kind: string) => {
    const token = tokens[kind] ?? '';
    const headers: Record<string, string> = {
      'x-kind': kind,
      ...(token === '' ? {} : { authorization: `Bearer ${token}` }),
    };
    const url = `${sidecar.dataUrl}/${way}`;
    if (way === 'upgrade') {
      const lines = Object.entries({ ...headers, connection: 'Upgrade', upgrade: 'websocket' }).map((pair) =>
        pair.join(': '),
      );
      await speak(url, `GET /upgrade HTTP/1.1\r\nHost: a\r\n${lines.join('\r\n')}\r\n\r\n`);
      return;
    }
    const method =
      way === 'get' || way === 'abort-at-once' || way === 'abort-in-answer' || way === 'broken' ? 'GET' : 'POST';
    const request = httpRequest(url, { method, headers, agent });
    const gone = once(request, 'close').catch(() => {});
    request.on('error', () => {});
    if (way === 'abort-in-upload') {
      request.write('beginning');
      setImmediate(() => request.destroy());
    } else request.end(way === 'upload' ? Buffer.alloc(200_000) : method === 'POST' ? 'x' : undefined);
    if (way === 'abort-at-once') setImmediate(() => request.destroy());
    request.on('response', (response: IncomingMessage) => {
      response.on('error', () => {}).resume();
      if (way === 'abort-in-answer') request.destroy();
    });
    await gone;
  };

  let left = REQUESTS;
  const client = async () => {
    while (left > 0) {
      left -= 1;
      await send(WAYS[dice(WAYS.length)] ?? 'get', kinds[dice(kinds.length)] ?? 'none');
    }
  };
  await Promise.all(Array.from({ length: CLIENTS }, client));
  agent.destroy();

  const seenAs = (kind: string) => upstream.seen.filter(({ headers }) => headers['x-kind'] === kind).length;
  await vi.waitFor(async () => {
    const { audiences } = await house.status();
    expect({
      legacy: audiences.legacy.accepted,
      target: audiences.target.accepted,
      bridge: audiences.bridge.accepted,
      expired: audiences.legacy.rejected,
      invalid: audiences.invalid.rejected,
      none: audiences.none.rejected,
    }).toEqual(Object.fromEntries(kinds.map((kind) => [kind, seenAs(kind)])));
  });
  expect(upstream.seen.length).toBeGreaterThan(REQUESTS / 2);
  const status = await house.status();
  expect(status.validUnauthorized).toBe(0);
  expect(status.unavailable).toBe(0);
}, 120_000);
