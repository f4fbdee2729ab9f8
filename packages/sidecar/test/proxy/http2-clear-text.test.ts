import { once } from 'node:events';
import { type ClientHttp2Session, connect, constants, type IncomingHttpHeaders } from 'node:http2';
import { afterEach, expect, test, vi } from 'vitest';
import {
  type ArrivedFrame,
  connectFrames,
  END_HEADERS,
  END_STREAM,
  type FrameClient,
  GET,
  headerBlock,
} from '../fixture/http2-frames.ts';
import { BOTH_PATHS, LEGACY, startTestbed, TARGET, type Testbed } from '../fixture/testbed.ts';

const SOON = { timeout: 10_000 };

let testbed: Testbed;
let client: ClientHttp2Session;
const sockets: FrameClient[] = [];
afterEach(async () => {
  client?.destroy();
  for (const socket of sockets.splice(0)) socket.close();
  await testbed.close();
});

async function open(...args: Parameters<typeof startTestbed>) {
  testbed = await startTestbed(...args);
  client = connect(testbed.sidecar.dataUrl).on('error', () => {});
}

async function openFrames(): Promise<FrameClient> {
  const frames = await connectFrames(Number(new URL(testbed.sidecar.dataUrl).port));
  sockets.push(frames);
  return frames;
}

async function ask(headers: Readonly<Record<string, string>> = {}) {
  const stream = client.request({ ':path': '/', ...headers });
  const [response] = (await once(stream, 'response')) as [IncomingHttpHeaders];
  const chunks: Buffer[] = await stream.toArray();
  return { status: response[':status'], headers: response, body: Buffer.concat(chunks).toString() };
}

const kinds = (frames: readonly ArrivedFrame[]) =>
  frames
    .filter(({ stream }) => stream === 1)
    .map(({ type, flags, payload }) => {
      if (type === 'RST_STREAM') return `RST_STREAM ${payload.readUInt32BE()}`;
      return (flags & END_STREAM) === 0 ? type : `${type} END_STREAM`;
    });

test.each(BOTH_PATHS)('HTTP/2 with prior knowledge is served and counted, %s', async (_name, settings) => {
  await open(settings);
  const authorization = `Bearer ${await testbed.issuer.mint({ aud: LEGACY })}`;
  for (const _request of [1, 2]) expect(await ask({ authorization })).toMatchObject({ status: 200, body: 'hello' });
  expect((await fetch(testbed.sidecar.dataUrl)).status).toBe(200);
  expect(testbed.upstream.seen[0]?.headers).toMatchObject({ 'x-forwarded-proto': 'http' });
  await vi.waitFor(async () => {
    const { audiences } = await testbed.status();
    expect([audiences.legacy.accepted, audiences.none.rejected]).toEqual([2, 1]);
  }, SOON);
});

test('a proxy may ask for authorization over HTTP/2', async () => {
  await open({ mode: 'forward-auth' });
  const authorization = `Bearer ${await testbed.issuer.mint({ aud: TARGET, subject: 'alice' })}`;
  expect(await ask({ authorization, ':path': '/orders?a=b' })).toMatchObject({
    status: 200,
    headers: { 'crossfade-audience': 'target', 'crossfade-subject': 'alice', 'content-length': '0' },
  });
  const refused = await ask();
  expect(refused).toMatchObject({ status: 401, headers: { 'content-type': 'application/problem+json' } });
  expect(refused.headers['www-authenticate']).toMatch(/^Bearer/);
  // A body is not read, whatever its method.
  const upload = client.request({ ':method': 'POST', ':path': '/', authorization }).on('error', () => {});
  upload.write('beginning');
  const [response] = (await once(upload, 'response')) as [IncomingHttpHeaders];
  expect(response[':status']).toBe(200);
  upload.resume();
  await vi.waitFor(() => expect(upload.closed).toBe(true), SOON);
  expect(upload.rstCode).toBe(constants.NGHTTP2_NO_ERROR);
  await vi.waitFor(async () => {
    const { audiences } = await testbed.status();
    expect([audiences.target.accepted, audiences.none.rejected]).toEqual([2, 1]);
  }, SOON);
});

test.each([
  ['that the sidecar refuses', { judge: 'enforce' }, ['HEADERS', 'DATA END_STREAM', 'RST_STREAM 0']],
  ['that the API responds to early', {}, ['HEADERS', 'DATA', 'DATA END_STREAM', 'RST_STREAM 0']],
] as const)('an upload %s ends with RST_STREAM(NO_ERROR), behind the response', async (_name, settings, expected) => {
  await open(settings);
  testbed.upstream.respond = (_request, response) => response.writeHead(413).end('too large');
  const frames = await openFrames();
  frames.send('HEADERS', END_HEADERS, 1, headerBlock({ ...GET, ':method': 'POST' }));
  frames.send('DATA', 0, 1, Buffer.alloc(100));
  await vi.waitFor(() => expect(kinds(frames.arrived)).toContain('RST_STREAM 0'), SOON);
  expect(kinds(frames.arrived).filter((kind) => kind !== 'WINDOW')).toEqual(expected);
});

test('an informational response reaches the client, and so does a field twice', async () => {
  await open();
  testbed.upstream.respond = (_request, response) => {
    response.writeEarlyHints({ link: '</a.css>; rel=preload' }, () =>
      response.writeHead(200, ['X-Content-Type-Options', 'nosniff', 'X-Content-Type-Options', 'nosniff']).end('ok'),
    );
  };
  const stream = client.request({ ':path': '/' });
  const hints = once(stream, 'headers') as Promise<[IncomingHttpHeaders]>;
  const [response] = (await once(stream, 'response')) as [IncomingHttpHeaders];
  expect((await hints)[0]).toMatchObject({ ':status': 103, link: '</a.css>; rel=preload' });
  expect(response).toMatchObject({ ':status': 200, 'x-content-type-options': 'nosniff' });
  stream.resume();
});

test('an Upgrade to h2c is not followed', async () => {
  await open();
  const response = await fetch(testbed.sidecar.dataUrl, { headers: { 'x-a': 'b' } });
  expect(response.status).toBe(200);
  const { sendBytes } = await import('../fixture/http.ts');
  const text = await sendBytes(
    testbed.sidecar.dataUrl,
    'GET / HTTP/1.1\r\nHost: a\r\nConnection: Upgrade, HTTP2-Settings, close\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n\r\n',
  );
  expect(text).toMatch(/^HTTP\/1.1 200 /);
});
