import { type ClientHttp2Session, connect, constants, type ServerHttp2Stream } from 'node:http2';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { type Http2Upstream, startHttp2Upstream } from './fixture/http2-upstream.ts';
import { LEGACY, startTestbed, TARGET, type Testbed } from './fixture/testbed.ts';
import { createDice } from './fixture/traffic.ts';

/** `CROSSFADE_HTTP2_STREAMS=20000` for the full run. */
const STREAMS = Number(process.env['CROSSFADE_HTTP2_STREAMS'] ?? 2_000);
const CONNECTIONS = 4;
const AT_ONCE = 20;
const { NGHTTP2_CANCEL, NGHTTP2_INTERNAL_ERROR } = constants;

/** What an API does to a request, and when the client leaves. */
const KINDS: readonly { readonly path: string; readonly body?: true; readonly leave?: 'at once' | 'on data' }[] = [
  { path: '/get' },
  { path: '/get' },
  { path: '/post', body: true },
  { path: '/post', body: true },
  { path: '/empty' },
  { path: '/trailers', body: true },
  { path: '/get', leave: 'at once' },
  { path: '/post', body: true, leave: 'at once' },
  { path: '/stream', leave: 'on data' },
  { path: '/early', body: true },
  { path: '/reset' },
  { path: '/breaks-off' },
];

/** Not within an event of the connection, which crashes Node.js 20. */
function reset(stream: ServerHttp2Stream, rstCode: number): void {
  setImmediate(() => stream.close(rstCode));
}

let api: Http2Upstream;
let testbed: Testbed;
let clients: ClientHttp2Session[];
let seen: Record<string, number>;

beforeEach(async () => {
  seen = {};
  api = await startHttp2Upstream({ maxConcurrentStreams: 50 });
  api.respond = (stream, rawHeaders) => {
    const field = (name: string) => rawHeaders[rawHeaders.indexOf(name) + 1] ?? '';
    seen[field('x-kind')] = (seen[field('x-kind')] ?? 0) + 1;
    if (stream.destroyed || stream.closed) return;
    switch (field(':path')) {
      case '/empty':
        return stream.respond({ ':status': 204 }, { endStream: true });
      case '/reset':
        return reset(stream, NGHTTP2_INTERNAL_ERROR);
      case '/breaks-off':
        stream.respond({ ':status': 200 }, { waitForTrailers: true });
        return void stream.write('beginning', () => reset(stream, NGHTTP2_CANCEL));
      case '/stream':
        stream.respond({ ':status': 200, 'content-type': 'text/event-stream' }, { waitForTrailers: true });
        return void stream.write('beginning');
      case '/early':
        stream.respond({ ':status': 413 });
        return void stream.end('no');
    }
    stream.resume().on('end', () => {
      if (stream.destroyed || stream.closed) return;
      const isTrailing = field(':path') === '/trailers';
      stream.respond({ ':status': 200 }, { waitForTrailers: isTrailing });
      if (isTrailing) stream.once('wantTrailers', () => stream.sendTrailers({ 'x-sum': '1' }));
      stream.end('done');
    });
  };
  testbed = await startTestbed({ upstream: api.url, upstreamProtocol: 'h2' });
  clients = Array.from({ length: CONNECTIONS }, () => connect(testbed.sidecar.dataUrl).on('error', () => {}));
});
afterEach(async () => {
  for (const client of clients) client.destroy();
  await testbed.close();
  await api.close();
});

test('what is counted is what the API has seen, however streams end', { timeout: 120_000 }, async () => {
  const [legacy, target] = await Promise.all([LEGACY, TARGET].map((aud) => testbed.issuer.mint({ aud })));
  const tokens: Readonly<Record<string, string | undefined>> = { legacy, target, none: undefined };
  const dice = createDice(7);
  let left = STREAMS;
  let resets = 0;
  const sendOne = (client: ClientHttp2Session) =>
    new Promise<void>((resolve) => {
      const { path, body, leave } = KINDS[dice(KINDS.length)] ?? { path: '/' };
      const kind = ['legacy', 'target', 'none'][dice(3)] ?? '';
      const authorization = tokens[kind] === undefined ? {} : { authorization: `Bearer ${tokens[kind]}` };
      const headers = { ':path': path, ':method': body === true ? 'POST' : 'GET', 'x-kind': kind, ...authorization };
      const stream = client.request(headers, { endStream: body !== true });
      stream
        .on('error', () => {})
        .once('close', () => {
          if (stream.rstCode !== 0) resets += 1;
          resolve();
        });
      stream.on('data', () => leave === 'on data' && stream.close(NGHTTP2_CANCEL));
      if (body === true && path === '/early') stream.write(Buffer.alloc(2_000));
      else if (body === true) stream.end(Buffer.alloc(2_000));
      // nghttp2 gives up a client that resets more than 1,000 streams and 33 a second.
      if (leave === 'at once') setImmediate(() => stream.close(NGHTTP2_CANCEL));
    });
  const work = async (index: number) => {
    while (left > 0) {
      left -= 1;
      if (clients[index % CONNECTIONS]?.closed !== false) {
        clients[index % CONNECTIONS] = connect(testbed.sidecar.dataUrl).on('error', () => {});
      }
      await sendOne(clients[index % CONNECTIONS] as ClientHttp2Session);
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS * AT_ONCE }, (_, index) => work(index)));
  expect(resets).toBeGreaterThan(STREAMS / 10);
  const counted = async () => {
    const { audiences } = await testbed.status();
    return { legacy: audiences.legacy.accepted, target: audiences.target.accepted, none: audiences.none.rejected };
  };
  await vi.waitFor(async () => expect(await counted()).toEqual(seen), { timeout: 5_000 });
  const status = await testbed.status();
  expect(status.openConnections).toEqual({ legacy: 0, target: 0, bridge: 0 });
});
