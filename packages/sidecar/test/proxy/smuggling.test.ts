import { createServer, type Socket } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { sendBytes } from '../fixture/http.ts';
import { type Listening, listenOnLoopback } from '../fixture/listening.ts';
import { BOTH_PATHS, startTestbed, type Testbed } from '../fixture/testbed.ts';

describe.each(BOTH_PATHS)('a message, %s,', (_name, settings) => {
  /** What the API received, byte by byte. It responds once to each header section. */
  let received = '';
  let api: Listening;
  let testbed: Testbed;
  const sockets = new Set<Socket>();
  beforeAll(async () => {
    const server = createServer((socket) => {
      sockets.add(socket.on('error', () => {}));
      socket.setEncoding('latin1').on('data', (text: string) => {
        received += text;
        if (text.includes('\r\n\r\n'))
          socket.end('HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok');
      });
    });
    api = await listenOnLoopback(server);
    testbed = await startTestbed({ upstream: api.url, ...settings });
  });
  beforeEach(() => {
    received = '';
  });
  afterAll(async () => {
    await testbed.close();
    for (const socket of sockets) socket.destroy();
    await api.close();
  });

  const HOST = 'Host: a\r\n';
  const CLOSE = 'Connection: close\r\n';
  const INNER = 'GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n';
  const send = (text: string) =>
    sendBytes(testbed.sidecar.dataUrl, text, (response) => /\r\n\r\n(?:ok)?/.test(response));
  const lines = () => received.split('\r\n');

  describe('is rejected, and the API gets no byte of it, with', () => {
    test.each<[string, string]>([
      [
        'a length and a transfer coding',
        `POST / HTTP/1.1\r\n${HOST}Content-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nG`,
      ],
      [
        'a transfer coding and a length',
        `POST / HTTP/1.1\r\n${HOST}Transfer-Encoding: chunked\r\nContent-Length: 6\r\n\r\n0\r\n\r\nG`,
      ],
      ['two different lengths', `POST / HTTP/1.1\r\n${HOST}Content-Length: 1\r\nContent-Length: 2\r\n\r\nab`],
      ['the same length twice', `POST / HTTP/1.1\r\n${HOST}Content-Length: 1\r\nContent-Length: 1\r\n\r\na`],
      ['a list of lengths', `POST / HTTP/1.1\r\n${HOST}Content-Length: 1, 1\r\n\r\na`],
      ['a signed length', `POST / HTTP/1.1\r\n${HOST}Content-Length: +1\r\n\r\na`],
      ['a negative length', `POST / HTTP/1.1\r\n${HOST}Content-Length: -1\r\n\r\na`],
      ['a hexadecimal length', `POST / HTTP/1.1\r\n${HOST}Content-Length: 0x1\r\n\r\na`],
      ['an overflowing length', `POST / HTTP/1.1\r\n${HOST}Content-Length: 18446744073709551617\r\n\r\na`],
      ['an empty length', `POST / HTTP/1.1\r\n${HOST}Content-Length:\r\n\r\na`],
      ['a length in two words', `POST / HTTP/1.1\r\n${HOST}Content-Length: 1 2\r\n\r\na`],
      ['a space before the colon of a length', `POST / HTTP/1.1\r\n${HOST}Content-Length : 1\r\n\r\na`],
      [
        'a space before the colon of a coding',
        `POST / HTTP/1.1\r\n${HOST}Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n`,
      ],
      ['a tab before the colon', `POST / HTTP/1.1\r\n${HOST}Transfer-Encoding\t: chunked\r\n\r\n0\r\n\r\n`],
      [
        'a coding whose last is not chunked',
        `POST / HTTP/1.1\r\n${HOST}Transfer-Encoding: chunked, gzip\r\n\r\n0\r\n\r\n`,
      ],
      ['an unknown coding', `POST / HTTP/1.1\r\n${HOST}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n`],
      ['identity', `POST / HTTP/1.1\r\n${HOST}Transfer-Encoding: identity\r\n\r\n0\r\n\r\n`],
      ['two codings', `POST / HTTP/1.1\r\n${HOST}Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n`],
      [
        'two codings in two fields',
        `POST / HTTP/1.1\r\n${HOST}Transfer-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
      ],
      ['chunked twice', `POST / HTTP/1.1\r\n${HOST}Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n`],
      ['a coding in HTTP/1.0', `POST / HTTP/1.0\r\n${HOST}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n`],
      ['an upgrade without Host', 'GET / HTTP/1.1\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n'],
      ['chunked in quotes', `POST / HTTP/1.1\r\n${HOST}Transfer-Encoding: "chunked"\r\n\r\n0\r\n\r\n`],
      ['a vertical tab before chunked', `POST / HTTP/1.1\r\n${HOST}Transfer-Encoding: \x0bchunked\r\n\r\n0\r\n\r\n`],
      ['a first header line that is folded', `POST / HTTP/1.1\r\n ${HOST}Content-Length: 1\r\n\r\na`],
      ['a folded transfer coding', `POST / HTTP/1.1\r\n${HOST}Transfer-Encoding:\r\n x\r\n\r\n0\r\n\r\n`],
      ['a bare line feed after a header', `GET / HTTP/1.1\r\n${HOST}X-A: b\nContent-Length: 5\r\n\r\nhello`],
      ['bare line feeds throughout', `GET / HTTP/1.1\nHost: a\n\n`],
      ['a bare carriage return in a value', `GET / HTTP/1.1\r\n${HOST}X-A: b\rX-C: d\r\n\r\n`],
      ['a NUL in a value', `GET / HTTP/1.1\r\n${HOST}X-A: b\0c\r\n\r\n`],
      ['a NUL in a name', `GET / HTTP/1.1\r\n${HOST}X\0A: b\r\n\r\n`],
      ['a header without a colon', `GET / HTTP/1.1\r\n${HOST}Nonsense\r\n\r\n`],
      ['a header without a name', `GET / HTTP/1.1\r\n${HOST}: b\r\n\r\n`],
      ['an invalid chunk size', `POST / HTTP/1.1\r\n${HOST}Transfer-Encoding: chunked\r\n\r\nzz\r\nhello\r\n0\r\n\r\n`],
      [
        'a bare line feed after a chunk size',
        `POST / HTTP/1.1\r\n${HOST}Transfer-Encoding: chunked\r\n\r\n5\nhello\r\n0\r\n\r\n`,
      ],
      [
        'a bare line feed in a chunk extension',
        `POST / HTTP/1.1\r\n${HOST}Transfer-Encoding: chunked\r\n\r\n5;a\nhello\r\n0\r\n\r\n`,
      ],
      ['two hosts', `GET / HTTP/1.1\r\n${HOST}Host: b\r\n\r\n`],
      ['no host', `GET / HTTP/1.1\r\n\r\n`],
      ['an asterisk', `OPTIONS * HTTP/1.1\r\n${HOST}\r\n`],
      ['a user in an absolute target', `GET http://u@a/ HTTP/1.1\r\n${HOST}\r\n`],
      ['an absolute target of another scheme', `GET ftp://a/ HTTP/1.1\r\n${HOST}\r\n`],
      ['another version', `GET / HTTP/3.7\r\n${HOST}\r\n`],
      ['an unknown method', `SMUGGLE / HTTP/1.1\r\n${HOST}\r\n`],
      ['half a preface of HTTP/2', 'PRI * HTTP/2.0\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n'],
      ['an unknown Expect', `POST / HTTP/1.1\r\n${HOST}Expect: 200-ok\r\nContent-Length: 1\r\n\r\na`],
    ])('%s', async (_name, text) => {
      expect(await send(text)).toMatch(/^HTTP\/1.1 (?:400|417|426|501|505) /);
      expect(received).toBe('');
    });

    test('the method CONNECT, without a response', async () => {
      expect(await send(`CONNECT a:443 HTTP/1.1\r\n${HOST}\r\n`)).toBe('');
      expect(received).toBe('');
    });
  });

  describe('is forwarded in one reading only, with', () => {
    test.each<[string, string, RegExp, readonly string[]]>([
      [
        'chunk extensions, which are dropped',
        `POST /x HTTP/1.1\r\n${HOST}${CLOSE}Transfer-Encoding: chunked\r\n\r\n5;a=b;c="d"\r\nhello\r\n0\r\n\r\n`,
        /^POST \/x /,
        [],
      ],
      [
        'chunked in capitals',
        `POST /x HTTP/1.1\r\n${HOST}${CLOSE}Transfer-Encoding: CHUNKED\r\n\r\n1\r\na\r\n0\r\n\r\n`,
        /^POST \/x /,
        [],
      ],
      [
        'a request in a body',
        `POST /x HTTP/1.1\r\n${HOST}${CLOSE}Content-Length: ${INNER.length}\r\n\r\n${INNER}`,
        /^POST \/x /,
        [],
      ],
      [
        'an absolute target, with its own host',
        `GET http://b/x HTTP/1.1\r\n${HOST}${CLOSE}\r\n`,
        /^GET \/x /,
        ['Host: b'],
      ],
      [
        'a length that Connection would remove',
        `POST /x HTTP/1.1\r\n${HOST}Connection: close, content-length\r\nContent-Length: ${INNER.length}\r\n\r\n${INNER}`,
        /^POST \/x /,
        [],
      ],
      [
        'a token that Connection would remove',
        `GET /x HTTP/1.1\r\n${HOST}Connection: close, authorization, cookie\r\nAuthorization: Bearer t\r\nCookie: c\r\n\r\n`,
        /^GET \/x /,
        ['Authorization: Bearer t', 'Cookie: c'],
      ],
      ['a header that ends in spaces', `GET /x HTTP/1.1\r\n${HOST}${CLOSE}X-A: b  \r\n\r\n`, /^GET \/x /, ['X-A: b']],
      ['HTTP/1.0', `GET /x HTTP/1.0\r\n${HOST}\r\n`, /^GET \/x HTTP\/1\.1\r\n/, []],
    ])('%s', async (_name, text, requestLine, kept) => {
      expect(await send(text)).toMatch(/^HTTP\/1.1 200 /);
      expect(received).toMatch(requestLine);
      for (const line of kept) expect(lines()).toContain(line);
      // One header section, framed in one way; what looked like another request stays in the body.
      const [head = '', ...rest] = received.split('\r\n\r\n');
      const framing = head.split('\r\n').filter((line) => /^(?:content-length|transfer-encoding):/i.test(line));
      expect(framing.length).toBeLessThanOrEqual(1);
      const body = rest.join('\r\n\r\n');
      const length = /^content-length: (\d+)$/im.exec(head)?.[1];
      if (length !== undefined) expect(body).toHaveLength(Number(length));
      expect(head).not.toContain('smuggled');
      expect(head.match(/^host:/gim)).toHaveLength(1);
    });

    test.each([
      'crossfade-subject: x',
      'Crossfade-Subject: x',
      'crossfade_subject: x',
      'CROSSFADE_AUDIENCE: legacy',
      'crossfade.client: x',
      'crossfade-subject: a\r\ncrossfade-subject: b',
      'Connection: crossfade-scope\r\ncrossfade-scope: x',
      'X-Forwarded-For: 198.51.100.1',
      'X_Forwarded_For: 198.51.100.1',
      'Forwarded: for=198.51.100.1',
      'Proxy-Authorization: Basic x',
      'TE: gzip',
      'Keep-Alive: 1',
      'Proxy-Connection: x',
      'Connection: x-secret\r\nX-Secret: 198.51.100.1',
    ])('%j removed', async (spoof) => {
      expect(await send(`GET /x HTTP/1.1\r\n${HOST}${CLOSE}${spoof}\r\n\r\n`)).toMatch(/^HTTP\/1.1 200 /);
      expect(received).not.toMatch(/crossfade|198\.51\.100|forwarded: for|proxy-|keep-alive: 1|^te:/im);
    });
  });

  test('that is two requests in one write is forwarded as two, each with its own token', async () => {
    const first = `GET /a HTTP/1.1\r\n${HOST}Authorization: Bearer one\r\n\r\n`;
    const second = `GET /b HTTP/1.1\r\n${HOST}${CLOSE}Authorization: Bearer two\r\n\r\n`;
    await sendBytes(testbed.sidecar.dataUrl, first + second);
    expect(received.match(/^GET \/[ab] /gm)?.toSorted()).toEqual(['GET /a ', 'GET /b ']);
    expect(received.match(/Bearer \w+/g)?.toSorted()).toEqual(['Bearer one', 'Bearer two']);
  });
});
