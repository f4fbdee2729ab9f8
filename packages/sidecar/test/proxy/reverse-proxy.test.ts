import { once } from 'node:events';
import { Agent, createServer, request as httpRequest, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { sendBytes, sendRequest } from '../fixture/http.ts';
import { BOTH_PATHS, LEGACY, startTestbed, TARGET, type Testbed } from '../fixture/testbed.ts';

describe.each(BOTH_PATHS)('observe mode, %s,', (_name, settings) => {
  let testbed: Testbed;
  let url: string;
  beforeEach(async () => {
    testbed = await startTestbed(settings);
    url = testbed.sidecar.dataUrl;
  });
  afterEach(() => testbed.close());

  const total = async () => {
    const { audiences } = await testbed.status();
    return Object.values(audiences).reduce((sum, { accepted, rejected }) => sum + accepted + rejected, 0);
  };

  test('forwards method, path, query, headers and body unchanged', async () => {
    testbed.upstream.respond = (request, response) => {
      let body = '';
      request.setEncoding('utf8').on('data', (chunk) => {
        body += chunk;
      });
      request.on('end', () => response.writeHead(201, 'Made', { 'X-Echo': body }).end('done'));
    };
    const response = await sendRequest(`${url}/orders/1?a=1&b=%20#x`, {
      method: 'PATCH',
      headers: { 'X-Custom': 'Value', authorization: 'Bearer nonsense' },
      body: 'payload',
    });
    expect(response).toMatchObject({ status: 201, body: 'done', headers: { 'x-echo': 'payload' } });
    const [seen] = testbed.upstream.seen;
    expect(seen).toMatchObject({
      method: 'PATCH',
      url: '/orders/1?a=1&b=%20',
      headers: { authorization: 'Bearer nonsense', 'x-custom': 'Value', host: new URL(url).host },
    });
    expect(seen?.rawHeaders).toContain('X-Custom');
  });

  test('keeps repeated response headers, their order and spelling, and adds none', async () => {
    testbed.upstream.respond = (_request, response) => {
      response.sendDate = false;
      response
        .writeHead(200, ['Set-Cookie', 'a=1', 'X-One', '1', 'Set-Cookie', 'b=2', 'Content-Length', '2'])
        .end('ok');
    };
    const { rawHeaders } = await sendRequest(url, { headers: { connection: 'close' } });
    expect(rawHeaders).toEqual([
      'Set-Cookie',
      'a=1',
      'X-One',
      '1',
      'Set-Cookie',
      'b=2',
      'Content-Length',
      '2',
      'Connection',
      'close',
    ]);
  });

  test.each(['HEAD', 'OPTIONS', 'DELETE', 'PUT', 'REPORT'])('forwards a %s', async (method) => {
    const response = await sendRequest(`${url}/x`, { method });
    expect(response.status).toBe(200);
    expect(testbed.upstream.seen[0]?.method).toBe(method);
  });

  test.each([204, 304, 404, 500])('forwards a response of %i', async (status) => {
    testbed.upstream.respond = (_request, response) => response.writeHead(status).end();
    expect((await sendRequest(url)).status).toBe(status);
  });

  test('counts every kind of token once, and changes no response', async () => {
    const { issuer } = testbed;
    const tokens = [
      await issuer.mint({ aud: LEGACY }),
      await issuer.mint({ aud: TARGET }),
      await issuer.mint({ aud: [LEGACY, TARGET] }),
      await issuer.mint({ aud: LEGACY, expiresInSeconds: -60 }),
      await issuer.forge({ aud: LEGACY }),
    ];
    for (const token of tokens) {
      const response = await sendRequest(url, { headers: { authorization: `Bearer ${token}` } });
      expect(response).toMatchObject({ status: 200, body: 'hello' });
    }
    await sendRequest(url);
    await vi.waitFor(async () => expect(await total()).toBe(6));
    const { audiences } = await testbed.status();
    expect(audiences.legacy).toMatchObject({ accepted: 1, rejected: 1 });
    expect(audiences.target).toMatchObject({ accepted: 1, rejected: 0 });
    expect(audiences.bridge).toMatchObject({ accepted: 1, rejected: 0 });
    expect(audiences.invalid).toMatchObject({ accepted: 0, rejected: 1 });
    expect(audiences.none).toMatchObject({ accepted: 0, rejected: 1 });
  });

  test('does not wait for the judgement', async () => {
    await testbed.issuer.close();
    const response = await sendRequest(url, {
      // The sidecar fetches the published keys by itself.
      headers: { authorization: `Bearer ${await testbed.issuer.mint({ aud: LEGACY, kid: 'new' })}` },
    });
    expect(response.status).toBe(200);
    await vi.waitFor(async () => expect(await testbed.status()).toMatchObject({ unavailable: 1 }));
    const status = await testbed.status();
    expect(status.audiences.invalid.rejected).toBe(1);
    expect(status.audiences.legacy).toMatchObject({ accepted: 0, lastSeenAt: null });
    expect(status.lastUnavailableAt).not.toBeNull();
  });

  test('counts a valid token to which the API responds 401', async () => {
    testbed.upstream.respond = (_request, response) => response.writeHead(401).end();
    await sendRequest(url, { headers: { authorization: `Bearer ${await testbed.issuer.mint({ aud: TARGET })}` } });
    await sendRequest(url, { headers: { authorization: `Bearer ${await testbed.issuer.forge({ aud: TARGET })}` } });
    await sendRequest(url);
    await vi.waitFor(async () => expect(await total()).toBe(3));
    const status = await testbed.status();
    expect(status.validUnauthorized).toBe(1);
    expect(status.lastValidUnauthorizedAt).not.toBeNull();
    const metrics = await (await fetch(`${testbed.sidecar.adminUrl}/metrics`)).text();
    expect(metrics).toMatch(/^crossfade_valid_unauthorized_total\{audience="target",.*\} 1$/m);
    expect(metrics).toMatch(/^crossfade_valid_unauthorized_total\{audience="legacy",.*\} 0$/m);
  });

  test('forwards the trailers of a response', async () => {
    testbed.upstream.respond = (_request, response) => {
      response.writeHead(200, { trailer: 'X-Check' });
      response.write('part');
      response.addTrailers({ 'X-Check': 'sum' });
      response.end();
    };
    const response = await sendRequest(url, { headers: { te: 'trailers' } });
    expect(response).toMatchObject({ body: 'part', trailers: { 'x-check': 'sum' }, headers: { trailer: 'X-Check' } });
    expect(testbed.upstream.seen[0]?.headers['te']).toBe('trailers');
  });

  test('sends the head of an event stream before its first event', async () => {
    testbed.upstream.respond = (_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();
    };
    const request = httpRequest(url).end();
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    expect(response.headers['content-type']).toBe('text/event-stream');
    request.destroy();
  });

  test('forwards each chunk as it comes', async () => {
    let next: () => void = () => {};
    testbed.upstream.respond = (_request, response) => {
      response.write('one');
      next = () => response.end('two');
    };
    const request = httpRequest(url).end();
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    const chunks = response.setEncoding('utf8')[Symbol.asyncIterator]();
    expect((await chunks.next()).value).toBe('one');
    next();
    expect((await chunks.next()).value).toBe('two');
    expect((await chunks.next()).done).toBe(true);
  });

  test('forwards an upload as it comes, and the response before its end', async () => {
    testbed.upstream.respond = (request, response) => {
      request.once('data', (chunk: Buffer) => response.write(`got ${chunk}`));
      request.on('end', () => response.end(' end'));
      request.resume();
    };
    const request = httpRequest(url, { method: 'POST' });
    request.write('first');
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    const chunks = response.setEncoding('utf8')[Symbol.asyncIterator]();
    expect((await chunks.next()).value).toBe('got first');
    request.end();
    expect((await chunks.next()).value).toBe(' end');
  });

  test('forwards 102 and 103', async () => {
    testbed.upstream.respond = (_request, response) => {
      response.writeProcessing();
      response.writeEarlyHints({ link: '</style.css>; rel=preload; as=style' });
      response.end('ok');
    };
    const request = httpRequest(url).end();
    const information: number[] = [];
    const links: unknown[] = [];
    request.on('information', (info) => {
      information.push(info.statusCode);
      if (info.statusCode === 103) links.push(info.headers['link']);
    });
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    response.resume();
    expect(information).toEqual([102, 103]);
    expect(links).toEqual(['</style.css>; rel=preload; as=style']);
  });

  test('lets a client that waits for 100 Continue send its body', async () => {
    let body = '';
    testbed.upstream.respond = (request, response) => {
      request.on('data', (chunk) => {
        body += chunk;
      });
      request.on('end', () => response.end('ok'));
    };
    const request = httpRequest(url, { method: 'PUT', headers: { expect: '100-continue', 'content-length': '4' } });
    request.flushHeaders();
    await once(request, 'continue');
    request.end('body');
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    response.resume();
    expect(response.statusCode).toBe(200);
    expect(body).toBe('body');
  });

  test('ends the request to the API if the client disconnects, and counts it', async () => {
    let gone = false;
    testbed.upstream.respond = (request, response) => {
      response.write('beginning');
      request.on('close', () => {
        gone = true;
      });
    };
    const request = httpRequest(url, {
      headers: { authorization: `Bearer ${await testbed.issuer.mint({ aud: LEGACY })}` },
    });
    request.on('error', () => {});
    request.end();
    await once(request, 'response');
    request.destroy();
    await vi.waitFor(() => expect(gone).toBe(true));
    await vi.waitFor(async () => expect((await testbed.status()).audiences.legacy.accepted).toBe(1));
  });

  test('closes the connection if the API breaks off within a response', async () => {
    testbed.upstream.respond = (_request, response) => {
      response.write('beginning');
      setImmediate(() => response.destroy());
    };
    await expect(sendRequest(url)).rejects.toThrow('aborted');
    await vi.waitFor(async () => expect(await total()).toBe(1));
  });

  test('responds 502 with a problem if the API breaks off before its response', async () => {
    testbed.upstream.respond = (request) => request.socket.destroy();
    const response = await sendRequest(url);
    expect(response).toMatchObject({ status: 502, headers: { 'content-type': 'application/problem+json' } });
    expect(JSON.parse(response.body)).toMatchObject({ status: 502, title: 'Bad Gateway' });
    await vi.waitFor(async () => expect(await total()).toBe(1));
  });

  test('responds 502 while the API is down, counts the token, and recovers', async () => {
    await testbed.upstream.close();
    const authorization = `Bearer ${await testbed.issuer.mint({ aud: LEGACY })}`;
    expect((await sendRequest(url, { headers: { authorization } })).status).toBe(502);
    await vi.waitFor(async () => expect(await total()).toBe(1));
    expect((await testbed.status()).audiences.legacy.accepted).toBe(1);
    const revived = createServer((_request, response) => response.end('back'));
    revived.listen(testbed.upstream.port, '127.0.0.1');
    await once(revived, 'listening');
    expect(await sendRequest(url)).toMatchObject({ status: 200, body: 'back' });
    revived.close();
    revived.closeAllConnections();
  });

  test('responds 502 to an upload that cannot be delivered, and keeps the connection usable', async () => {
    await testbed.upstream.close();
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const startMs = performance.now();
    for (let upload = 0; upload < 3; upload += 1) {
      expect((await sendRequest(url, { method: 'POST', body: Buffer.alloc(2_000_000), agent })).status).toBe(502);
    }
    expect(performance.now() - startMs).toBeLessThan(4_000);
    await vi.waitFor(async () => expect(await total()).toBe(3));
    agent.destroy();
  });

  test('forwards an early response to a client that is still sending, and keeps its connection usable', async () => {
    testbed.upstream.respond = (_request, response) => response.writeHead(413).end('too much');
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    const response = await sendRequest(url, { method: 'POST', body: Buffer.alloc(8_000_000), agent });
    expect(response).toMatchObject({ status: 413, body: 'too much' });
    testbed.upstream.respond = (_request, response) => response.end('next');
    expect(await sendRequest(url, { agent })).toMatchObject({ status: 200, body: 'next' });
    agent.destroy();
  });

  test('forwards an absolute request target as a path, with its own host', async () => {
    const response = await sendBytes(
      url,
      'GET http://api.example.com/a?b HTTP/1.1\r\nHost: other\r\nConnection: close\r\n\r\n',
    );
    expect(response).toMatch(/^HTTP\/1.1 200 /);
    expect(testbed.upstream.seen[0]).toMatchObject({ url: '/a?b', headers: { host: 'api.example.com' } });
  });

  test.each([
    ['two hosts', 'GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n'],
    ['a target that is no path', 'OPTIONS * HTTP/1.1\r\nHost: a\r\n\r\n'],
    ['two lengths', 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab'],
    [
      'a length and a transfer coding',
      'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    ],
    ['an obscured transfer coding', 'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding : chunked\r\n\r\n0\r\n\r\n'],
    ['an unknown transfer coding', 'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n'],
    ['a folded header', 'GET / HTTP/1.1\r\nHost: a\r\nX-A: b\r\n c\r\nX-B: \x01\r\n\r\n'],
    ['a bare line feed', 'GET / HTTP/1.1\nHost: a\nX-A: b\rX-C: d\n\n'],
  ])('rejects %s, and the API sees nothing', async (_name, text) => {
    const response = await sendBytes(url, text, (received) => received.includes('\r\n\r\n'));
    expect(response).toMatch(/^HTTP\/1.1 (?:400|501) /);
    expect(testbed.upstream.seen).toEqual([]);
  });

  test('shows the API one request if its body looks like another', async () => {
    const inner = 'GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n';
    await sendBytes(
      url,
      `GET /outer HTTP/1.1\r\nHost: a\r\nContent-Length: ${inner.length}\r\nConnection: close\r\n\r\n${inner}`,
    );
    expect(testbed.upstream.seen.map((request) => request.url)).toEqual(['/outer']);
  });

  test('reads no faster than the client does', async () => {
    let written = 0;
    testbed.upstream.respond = (_request, response) => {
      const chunk = Buffer.alloc(64 * 1024);
      const more = () => {
        while (written < 400 * 1024 * 1024) {
          written += chunk.length;
          if (!response.write(chunk)) return response.once('drain', more);
        }
        return response.end();
      };
      more();
    };
    const { port } = new URL(url);
    const socket = connect(Number(port), '127.0.0.1');
    socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
    socket.pause();
    let last = -1;
    await vi.waitFor(
      () => {
        const stalled = written > 0 && written === last;
        last = written;
        expect(stalled).toBe(true);
      },
      { interval: 300, timeout: 10_000 },
    );
    expect(written).toBeLessThan(50 * 1024 * 1024);
    socket.destroy();
  });
});

describe.each(BOTH_PATHS)('an upgrade, %s,', (_name, settings) => {
  let testbed: Testbed;
  beforeEach(async () => {
    testbed = await startTestbed(settings);
  });
  afterEach(() => testbed.close());
  const WEBSOCKET = 'Connection: Upgrade\r\nUpgrade: websocket\r\n';

  test('passes bytes both ways once the API has agreed', async () => {
    testbed.upstream.upgrade = (request, socket, head) => {
      socket.write(
        `HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: ${request.headers.upgrade}\r\nX-A: b\r\n\r\n`,
      );
      socket.write(head);
      socket.pipe(socket);
    };
    const authorization = `Bearer ${await testbed.issuer.mint({ aud: TARGET })}`;
    const response = await sendBytes(
      testbed.sidecar.dataUrl,
      `GET /chat HTTP/1.1\r\nHost: a\r\nAuthorization: ${authorization}\r\n${WEBSOCKET}\r\nearly`,
      (received) => received.endsWith('early'),
    );
    expect(response).toBe(
      'HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\nX-A: b\r\n\r\nearly',
    );
    await vi.waitFor(async () => expect((await testbed.status()).audiences.target.accepted).toBe(1));
  });

  test('that the API rejects gets its response', async () => {
    testbed.upstream.upgrade = (_request, socket) => {
      socket.end('HTTP/1.1 426 Upgrade Required\r\nContent-Length: 2\r\nUpgrade: other\r\n\r\nno');
    };
    const response = await sendBytes(testbed.sidecar.dataUrl, `GET /chat HTTP/1.1\r\nHost: a\r\n${WEBSOCKET}\r\n`);
    expect(response).toMatch(/^HTTP\/1.1 426 Upgrade Required\r\n.*\r\n\r\nno$/s);
    await vi.waitFor(async () => expect((await testbed.status()).audiences.none.rejected).toBe(1));
  });

  test('closes each side when the other disconnects', async () => {
    let upstreamClosed = false;
    testbed.upstream.upgrade = (_request, socket) => {
      socket.write('HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\nhi');
      socket.resume().on('close', () => {
        upstreamClosed = true;
      });
      socket.on('end', () => socket.end());
    };
    await sendBytes(testbed.sidecar.dataUrl, `GET /chat HTTP/1.1\r\nHost: a\r\n${WEBSOCKET}\r\n`, (text) =>
      text.endsWith('hi'),
    );
    await vi.waitFor(() => expect(upstreamClosed).toBe(true));
  });

  test.each([
    ['websocket', 3],
    ['websocket', 3_000_000],
    ['h2c', 3],
  ])('to %s that is pipelined behind a request waits for that response, of %i bytes', async (protocol, size) => {
    testbed.upstream.respond = (_request, response) => {
      setTimeout(() => response.end('a'.repeat(size)), 50);
    };
    testbed.upstream.upgrade = (request, socket) => {
      const isUpgrade = request.headers.upgrade === 'websocket';
      socket.write(`HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: ${isUpgrade}\r\n\r\nhi`);
    };
    const pipelined =
      `GET /a HTTP/1.1\r\nHost: a\r\n\r\nGET /b HTTP/1.1\r\nHost: a\r\n\r\n` +
      `GET /c HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: ${protocol}\r\n\r\n`;
    const isEnough = (text: string) => text.endsWith('hi') || (text.match(/HTTP\/1.1 200 OK/g) ?? []).length === 3;
    const received = await sendBytes(testbed.sidecar.dataUrl, pipelined, isEnough);
    const last = protocol === 'websocket' ? '101' : '200';
    expect(received.match(/(?<=HTTP\/1.1 )\d+/g)).toEqual(['200', '200', last]);
    expect(
      received
        .match(/a{3,}/g)
        ?.map(({ length }) => length)
        .slice(0, 2),
    ).toEqual([size, size]);
    expect((await sendRequest(testbed.sidecar.dataUrl)).status).toBe(200);
  });

  test.each([
    ['417', 'GET /a HTTP/1.1\r\nHost: a\r\nExpect: nonsense\r\n\r\n'],
    ['400', 'GET /a HTTP/1.1\r\n\r\n'],
  ])('that is pipelined behind a request with %s from Node.js ends the connection only', async (status, bad) => {
    const pipelined = `${bad}GET /b HTTP/1.1\r\nHost: a\r\n${WEBSOCKET}\r\n`;
    expect(await sendBytes(testbed.sidecar.dataUrl, pipelined)).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect((await sendRequest(testbed.sidecar.dataUrl)).status).toBe(200);
  });

  test('to HTTP/2 is served as a request without Upgrade, including its body', async () => {
    let body = '';
    testbed.upstream.respond = (request, response) => {
      request.on('data', (chunk) => {
        body += chunk;
      });
      request.on('end', () => response.end('plain'));
    };
    const response = await sendBytes(
      testbed.sidecar.dataUrl,
      'POST /x HTTP/1.1\r\nHost: a\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\nContent-Length: 5\r\n\r\nfirst',
      (text) => text.includes('plain'),
    );
    expect(response).toMatch(/^HTTP\/1.1 200 /);
    expect(body).toBe('first');
    const [seen] = testbed.upstream.seen;
    expect(seen?.headers).not.toHaveProperty('upgrade');
    expect(seen?.headers).not.toHaveProperty('http2-settings');
    await vi.waitFor(async () => expect((await testbed.status()).audiences.none.rejected).toBe(1));
  });

  test('with a body is forwarded as a request without Upgrade', async () => {
    testbed.upstream.respond = (request, response) => {
      request.resume().on('end', () => response.end('plain'));
    };
    const inner = 'GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n';
    await sendBytes(
      testbed.sidecar.dataUrl,
      `GET /x HTTP/1.1\r\nHost: a\r\n${WEBSOCKET}Content-Length: ${inner.length}\r\n\r\n${inner}`,
      (text) => text.includes('plain'),
    );
    expect(testbed.upstream.seen.map((request) => request.url)).toEqual(['/x']);
    expect(testbed.upstream.seen[0]?.headers).not.toHaveProperty('upgrade');
  });
});
