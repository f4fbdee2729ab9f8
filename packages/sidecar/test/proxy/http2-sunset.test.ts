import { once } from 'node:events';
import { type ClientHttp2Session, connect, type IncomingHttpHeaders } from 'node:http2';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type Http2Upstream, startHttp2Upstream } from '../fixture/http2-upstream.ts';
import { BOTH_PATHS, LEGACY, startTestbed, TARGET, type Testbed } from '../fixture/testbed.ts';

const plan = { sunsetMs: Date.parse('2027-01-31T00:00:00Z') };
const ANNOUNCED = { sunset: 'Sun, 31 Jan 2027 00:00:00 GMT', deprecation: '@1801263600' };

let api: Http2Upstream;
let testbed: Testbed;
let client: ClientHttp2Session;
beforeEach(async () => {
  api = await startHttp2Upstream();
});
afterEach(async () => {
  client?.destroy();
  await testbed.close();
  await api.close();
});

async function open(settings: Parameters<typeof startTestbed>[0]) {
  testbed = await startTestbed(settings, { plan });
  client = connect(testbed.sidecar.dataUrl).on('error', () => {});
}

async function send(aud: string | readonly string[], body?: string) {
  const authorization = `Bearer ${await testbed.issuer.mint({ aud: aud as string })}`;
  const method = body === undefined ? 'GET' : 'POST';
  const stream = client.request({ ':path': '/', ':method': method, authorization });
  stream.end(body);
  const [headers] = (await once(stream, 'response')) as [IncomingHttpHeaders];
  await stream.resume().toArray();
  return headers;
}

describe.each(BOTH_PATHS)('the sunset of the plan over HTTP/2, %s', (_name, path) => {
  test.each([
    ['HTTP/1.1', () => ({})],
    ['HTTP/2', () => ({ upstreamProtocol: 'h2', upstream: api.url }) as const],
  ])('is announced to legacy tokens alone by a proxy in front of an API of %s', async (_protocol, upstream) => {
    await open({ judge: 'enforce', ...path, ...upstream() });
    expect(await send(LEGACY)).toMatchObject({ ':status': 200, ...ANNOUNCED });
    expect(await send(LEGACY, 'an upload')).toMatchObject({ ':status': 200, ...ANNOUNCED });
    for (const aud of [TARGET, [LEGACY, TARGET]]) {
      const headers = await send(aud);
      expect(headers[':status']).toBe(200);
      expect(headers).not.toHaveProperty('sunset');
      expect(headers).not.toHaveProperty('deprecation');
    }
    await testbed.setFlags({ 'accept-legacy': { enabled: false } });
    await vi.waitFor(async () => expect((await testbed.status()).acceptance).toBe('target'), { timeout: 10_000 });
    expect(await send(LEGACY)).toMatchObject({ ':status': 401, ...ANNOUNCED });
  });

  test('leaves the fields of the API alone', async () => {
    await open({ judge: 'enforce', ...path, upstreamProtocol: 'h2', upstream: api.url });
    api.respond = (stream) => {
      stream.respond({ ':status': 200, sunset: 'Mon, 01 Feb 2027 00:00:00 GMT' });
      stream.end('ok');
    };
    expect(await send(LEGACY)).toMatchObject({
      sunset: 'Mon, 01 Feb 2027 00:00:00 GMT',
      deprecation: ANNOUNCED.deprecation,
    });
  });

  test('goes with a response of forward-auth', async () => {
    await open({ mode: 'forward-auth', ...path });
    expect(await send(LEGACY)).toMatchObject({ ':status': 200, 'crossfade-audience': 'legacy', ...ANNOUNCED });
    expect(await send(TARGET)).not.toHaveProperty('sunset');
  });

  test('is not announced by a proxy that observes', async () => {
    await open({ ...path });
    const headers = await send(LEGACY);
    expect(headers[':status']).toBe(200);
    expect(headers).not.toHaveProperty('sunset');
  });
});
