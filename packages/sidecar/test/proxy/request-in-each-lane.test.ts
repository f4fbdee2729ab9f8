import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect, type IncomingHttpHeaders } from 'node:http2';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { SidecarPlan } from '@crossfade/core';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createCertificate } from '../fixture/certificate.ts';
import { sendBytes } from '../fixture/http.ts';
import { startTestbed, TARGET, type Testbed } from '../fixture/testbed.ts';

/** What must hold for a request, whichever way it takes to the API. */

interface Lane {
  readonly name: string;
  readonly settings?: Partial<SidecarPlan>;
  /** What makes a request take this lane. */
  readonly method?: string;
  readonly fields?: string;
  readonly body?: string;
  readonly trailers?: string;
}

const UPGRADE = 'Connection: Upgrade\r\nUpgrade: websocket\r\n';
const CHUNKED = 'Transfer-Encoding: chunked\r\n';
const LANES: readonly Lane[] = [
  { name: 'the fast path' },
  { name: 'node:http', settings: { fastPath: false } },
  { name: 'node:http, with a body', method: 'POST', fields: CHUNKED, body: '1\r\na\r\n0\r\n\r\n' },
  {
    name: 'node:http, with trailers',
    method: 'POST',
    fields: `Trailer: X-Sum\r\n${CHUNKED}`,
    body: '1\r\na\r\n0\r\nX-Sum: 1\r\nProxy: http://evil.example.com\r\nClient-Cert: x\r\n\r\n',
  },
  {
    name: 'node:http, awaiting 100',
    method: 'PUT',
    fields: 'Expect: 100-continue\r\nContent-Length: 1\r\n',
    body: 'a',
  },
  { name: 'an upgrade', fields: UPGRADE },
  { name: 'an upgrade that is ignored', fields: 'Connection: Upgrade\r\nUpgrade: h2c\r\n' },
];

let testbed: Testbed;
let authorization: string;

async function open(settings: Partial<SidecarPlan>) {
  testbed = await startTestbed(settings);
  authorization = `Bearer ${await testbed.issuer.mint({ aud: TARGET })}`;
  // The API, as CGI sees it: trailers count as headers.
  testbed.upstream.respond = (request, response) => {
    request.resume().on('end', () => response.end(JSON.stringify(request.rawTrailers)));
  };
  testbed.upstream.upgrade = (_request, socket) =>
    socket.end('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n[]');
}
afterEach(() => testbed.close());

function firstField([name = '', value]: readonly string[] = []): string {
  return `${name.toLowerCase()}: ${value}`;
}

const ODD = 'Proxy: http://evil.example.com\r\nPROXY: x\r\ncrossfade_audience: target\r\n';

describe.each(LANES)('over $name,', ({ settings = {}, method = 'GET', fields = '', body = '' }) => {
  const send = (head: string) => {
    const close = fields.includes('Connection') ? '' : 'Connection: close\r\n';
    return sendBytes(testbed.sidecar.dataUrl, `${head}${close}${fields}\r\n${body}`, (text) =>
      /[\]}]\s*(?:0\s*)?$/.test(text),
    );
  };

  describe.each(['observe', 'enforce'] as const)('in %s', (judge) => {
    beforeEach(() => open({ ...settings, judge }));

    test('Host comes first, and no header reaches the API that CGI would read as another', async () => {
      const response = await send(
        `${method} /a HTTP/1.1\r\nX-A: 1\r\n${ODD}Authorization: ${authorization}\r\nHost: api.example.com\r\n`,
      );
      expect(response).toMatch(/^HTTP\/1\.1 (?:200|101|100) /);
      const [seen] = testbed.upstream.seen;
      expect(firstField(seen?.rawHeaders)).toBe('host: api.example.com');
      expect(seen?.headers).not.toHaveProperty('proxy');
      expect(seen?.headers).not.toHaveProperty('crossfade_audience');
      expect(response).not.toMatch(/evil|client-cert/i);
      expect(seen?.headers['crossfade-audience']).toBe(judge === 'enforce' ? 'target' : undefined);
    });

    test('an absolute request target decides about Host', async () => {
      await send(`${method} http://api.example.com/a HTTP/1.1\r\nHost: other\r\nAuthorization: ${authorization}\r\n`);
      const { rawHeaders = [], headers, url } = testbed.upstream.seen[0] ?? {};
      expect(firstField(rawHeaders)).toBe('host: api.example.com');
      expect(headers?.['x-forwarded-host']).toBe('api.example.com');
      expect(url).toBe('/a');
    });
  });
});

describe('TRACE', () => {
  const trace = (fields = '', body = '') =>
    sendBytes(
      testbed.sidecar.dataUrl,
      `TRACE /a HTTP/1.1\r\nHost: a\r\nConnection: close\r\nAuthorization: ${authorization}\r\n${fields}\r\n${body}`,
    );
  const echo = () => {
    testbed.upstream.respond = (request, response) => response.end(request.rawHeaders.join('\n'));
  };

  test.each([{}, { fastPath: false }])('in enforce is not allowed, and shows no header (%o)', async (settings) => {
    await open({ ...settings, judge: 'enforce' });
    echo();
    const response = await trace();
    expect(response).toMatch(/^HTTP\/1\.1 405 /);
    expect(response.toLowerCase()).toContain('allow: get, head, post');
    expect(response).not.toContain(authorization);
    expect(testbed.upstream.seen).toEqual([]);
  });

  test.each([{}, { fastPath: false }])('in observe passes, with no header of identity (%o)', async (settings) => {
    await open({ ...settings, judge: 'observe' });
    echo();
    const response = await trace();
    expect(response).toMatch(/^HTTP\/1\.1 200 /);
    expect(response).toContain(authorization);
    expect(response.toLowerCase()).not.toContain('crossfade-');
  });

  test.each(['observe', 'enforce'] as const)('with a body is malformed, in %s', async (judge) => {
    await open({ judge });
    expect(await trace('Content-Length: 1\r\n', 'a')).toMatch(/^HTTP\/1\.1 400 /);
    expect(await trace(CHUNKED, '1\r\na\r\n0\r\n\r\n')).toMatch(/^HTTP\/1\.1 400 /);
    expect(testbed.upstream.seen).toEqual([]);
  });
});

describe('over HTTP/2', () => {
  let directory: string;
  let paths: { tlsCert: string; tlsKey: string };
  const pair = createCertificate();
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'lanes-'));
    paths = { tlsCert: join(directory, 'tls.crt'), tlsKey: join(directory, 'tls.key') };
    await Promise.all([writeFile(paths.tlsCert, pair.cert), writeFile(paths.tlsKey, pair.key)]);
  });
  afterEach(() => rm(directory, { recursive: true }));

  const statusOf = async (method: string, body?: string, headers = {}) => {
    const client = connect(testbed.sidecar.dataUrl, { ca: pair.cert }).on('error', () => {});
    try {
      const stream = client.request(
        { ':method': method, ':path': '/a', authorization, ...headers },
        { endStream: body === undefined },
      );
      if (body !== undefined) stream.end(body);
      const [response] = (await once(stream.resume(), 'response')) as [IncomingHttpHeaders];
      return response[':status'];
    } finally {
      client.destroy();
    }
  };

  test.each(['observe', 'enforce'] as const)(
    'in %s Host comes first, and Proxy does not come at all',
    async (judge) => {
      await open({ judge, ...paths });
      expect(await statusOf('GET', undefined, { 'x-a': '1', proxy: 'http://evil.example.com' })).toBe(200);
      const [seen] = testbed.upstream.seen;
      expect(seen?.rawHeaders[0]?.toLowerCase()).toBe('host');
      expect(seen?.rawHeaders[1]).toBe(new URL(testbed.sidecar.dataUrl).host);
      expect(seen?.headers).not.toHaveProperty('proxy');
    },
  );

  test('TRACE is not allowed in enforce, in any spelling', async () => {
    await open({ judge: 'enforce', ...paths });
    for (const method of ['TRACE', 'trace', 'TRACK']) expect(await statusOf(method)).toBe(405);
    expect(await statusOf('TRACE', 'body')).toBe(400);
    expect(testbed.upstream.seen).toEqual([]);
  });
});
