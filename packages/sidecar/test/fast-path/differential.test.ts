import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { FastPathHandler } from '../../src/fast-path/client-response.ts';
import { openFastPath } from '../../src/fast-path/fast-path.ts';
import { chunkedBody } from '../../src/fast-path/response-body.ts';
import { endOfHead, readSimpleRequest } from '../../src/fast-path/simple-request.ts';
import { readSimpleResponse } from '../../src/fast-path/simple-response.ts';
import { openUpstreamConnection } from '../../src/fast-path/upstream-connection.ts';
import { CHUNKS, CUTS, FIELDS, FRAMING, FUZZ_TIMEOUT_MS, fuzzParameters, mutated, piecesOf } from '../fixture/fuzz.ts';
import { MemorySocket, parseRequest, parseResponse } from '../fixture/parser.ts';

/** The fast path reads a message as Node.js's parser (llhttp) does, or leaves it to that parser. */

const BODY = fc.constantFrom(
  '',
  '',
  'hello',
  '\r\n0\r\n',
  '5\r\nhello\r\n0\r\n\r\n',
  'GET /b HTTP/1.1\r\nHost: b\r\n\r\n',
);
const TARGET = fc.oneof(fc.constantFrom('/', '/orders?a=b'), fc.stringMatching(/^\/[\x21-\x7e]{0,12}$/));
const SIMPLE_REQUEST = fc
  .tuple(fc.constantFrom('GET', 'HEAD', 'OPTIONS', 'DELETE', 'POST', 'PUT', 'PATCH'), TARGET, FIELDS, BODY)
  .map(([method, target, fields, body]) => {
    const length = body === '' && method !== 'POST' ? '' : `Content-Length: ${body.length}\r\n`;
    return `${method} ${target} HTTP/1.1\r\nHost: a\r\n${fields}${length}\r\n${body}`;
  });
const ODD_REQUEST = fc
  .tuple(
    fc.constantFrom('GET', 'DELETE', 'POST', 'PUT', 'TRACE', 'get'),
    fc.oneof(TARGET, fc.constantFrom('*', 'http://a/')),
    fc.constantFrom('Host: a\r\n', 'Host: a\r\n', 'host:a\r\n', '', 'Host: a\r\nHost: b\r\n'),
    FIELDS,
    FRAMING,
    BODY,
  )
  .map(([method, target, host, fields, framing, body]) => {
    return `${method} ${target} HTTP/1.1\r\n${host}${fields}${framing}\r\n${body}`;
  });
/** Requests that Node.js serves and the fast path does not. */
const UNUSUAL_REQUEST = fc
  .tuple(fc.constantFrom('POST', 'PUT', 'GET', 'REPORT', 'M-SEARCH'), TARGET, FIELDS, BODY, CHUNKS, fc.nat(3))
  .map(([method, target, fields, body, chunks, kind]) => {
    const head = `${method} ${target} HTTP/1.1\r\nHost: a\r\n${fields}`;
    if (kind < 2) return `${head}Transfer-Encoding: chunked\r\n\r\n${chunks}`;
    return `${kind === 2 ? '\r\n' : ''}${head}X-Tab:\tb\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
  });
const WHOLE_REQUEST = fc.oneof(SIMPLE_REQUEST, UNUSUAL_REQUEST);
const REQUEST = fc.oneof(
  { arbitrary: SIMPLE_REQUEST, weight: 2 },
  { arbitrary: UNUSUAL_REQUEST, weight: 1 },
  { arbitrary: ODD_REQUEST, weight: 1 },
);
const RESPONSE_HEAD = fc
  .tuple(
    fc.constantFrom(200, 200, 201, 204, 304, 404, 500, 599, 100, 101, 600),
    fc.constantFrom(' OK', ' OK', ' ', '', ' a b'),
    FIELDS,
    FRAMING,
  )
  .map(([status, phrase, fields, framing]) => `HTTP/1.1 ${status}${phrase}\r\n${fields}${framing}\r\n`);
const RESPONSE = fc.tuple(RESPONSE_HEAD, BODY, CHUNKS).map(([head, body, chunks]) => {
  return head + (/\r\ntransfer-encoding: chunked\r\n/i.test(head) ? chunks : body);
});

/** What became of the runs of one test: each kind must be more than a few, or the test shows nothing. */
function createTally() {
  const counts: Record<string, number> = {};
  return {
    note(kind: string) {
      counts[kind] = (counts[kind] ?? 0) + 1;
    },
    expectEach(...kinds: string[]) {
      const total = Object.values(counts).reduce((sum, count) => sum + count, 0);
      for (const kind of kinds) expect((counts[kind] ?? 0) / total, kind).toBeGreaterThan(0.01);
    },
  };
}

test('a simple request is read as llhttp reads it', { timeout: FUZZ_TIMEOUT_MS }, async () => {
  const tally = createTally();
  await fc.assert(
    fc.asyncProperty(mutated(REQUEST), async (text) => {
      const bytes = Buffer.from(text, 'latin1');
      const end = endOfHead(bytes, 0);
      const request = end === undefined ? 'more' : readSimpleRequest(bytes, end);
      tally.note(typeof request === 'object' ? 'simple' : String(request));
      if (typeof request !== 'object') return;
      const { method, target, rawHeaders, body, size } = request;
      expect(await parseRequest(bytes.subarray(0, size))).toEqual({
        method,
        target,
        rawHeaders,
        body: body.toString('latin1'),
      });
    }),
    fuzzParameters(),
  );
  tally.expectEach('simple', 'more', 'undefined');
});

test('a simple response is read as llhttp reads it', { timeout: FUZZ_TIMEOUT_MS }, async () => {
  const tally = createTally();
  await fc.assert(
    fc.asyncProperty(mutated(RESPONSE_HEAD), async (text) => {
      const response = readSimpleResponse('GET', text);
      tally.note(response === undefined ? 'other' : 'simple');
      if (response === undefined || Number(response.length) > 1_000) return;
      const { status, statusText, rawHeaders, length } = response;
      const body = length === 'chunked' ? 'hello' : 'x'.repeat(length);
      const framed = length === 'chunked' ? `5\r\n${body}\r\n0\r\n\r\n` : body;
      const parsed = await parseResponse(Buffer.from(text + framed, 'latin1'));
      expect(parsed).toEqual({ status, statusText, rawHeaders, body, rawTrailers: [] });
    }),
    fuzzParameters(),
  );
  tally.expectEach('simple', 'other');
});

test('a body in chunks is read as llhttp reads it', { timeout: FUZZ_TIMEOUT_MS }, async () => {
  const tally = createTally();
  await fc.assert(
    fc.asyncProperty(mutated(CHUNKS), CUTS, async (text, cuts) => {
      const reader = chunkedBody();
      let body = '';
      let trailers: readonly string[] | undefined;
      for (const piece of piecesOf(Buffer.from(text, 'latin1'), cuts)) {
        const part = trailers === undefined ? reader.read(piece) : undefined;
        if (part === undefined || part.isMore) return tally.note('other');
        body += part.data.toString('latin1');
        trailers = part.trailers;
      }
      if (trailers === undefined) return tally.note('other');
      tally.note('whole');
      const head = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n';
      expect(await parseResponse(Buffer.from(head + text, 'latin1'))).toMatchObject({ body, rawTrailers: trailers });
    }),
    fuzzParameters(),
  );
  tally.expectEach('whole', 'other');
});

interface SeenRequest {
  readonly method: string;
  readonly target: string;
  readonly rawHeaders: readonly string[];
  body: string;
}

/** The requests that a server sees on a connection, in order, and how many of them the fast path read. */
async function requestsSeen(pieces: readonly Buffer[], fastPath: 'fast' | 'lent' | 'off') {
  const seen: SeenRequest[] = [];
  let fast = 0;
  const server = createServer({ maxHeaderSize: 65_536 });
  const onRequest = (request: IncomingMessage, response: ServerResponse) => {
    const { method = '', url: target = '', rawHeaders } = request;
    const entry = { method, target, rawHeaders, body: '' };
    seen.push(entry);
    request.setEncoding('latin1').on('error', () => {});
    request.on('data', (text: string) => (entry.body += text)).on('end', () => response.end());
  };
  server.on('request', onRequest).on('checkContinue', onRequest);
  const handle: FastPathHandler = ({ method, target, rawHeaders, body }, response) => {
    fast += 1;
    seen.push({ method, target, rawHeaders, body: body.toString('latin1') });
    response.write('HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n');
    response.end();
  };
  if (fastPath !== 'off') {
    openFastPath(server, 'connection', {
      handle: fastPath === 'fast' ? handle : undefined,
      closing: () => false,
      headerTimeoutMs: 30_000,
      stallTimeoutMs: 60_000,
      idleTimeoutMs: 75_000,
    });
  }
  const socket = new MemorySocket();
  server.emit('connection', socket);
  for (const piece of pieces) {
    if (!socket.destroyed) socket.push(piece);
    await new Promise(setImmediate);
  }
  // Requests are served one after the other, each in a few turns of the event loop.
  for (let turn = 0; turn < TURNS; turn += 1) await new Promise(setImmediate);
  const isClosed = socket.writableEnded || socket.destroyed;
  socket.destroy();
  server.close();
  return { seen, fast, isClosed };
}

/** The fast path takes no chunk of 4 GiB or more, with which nothing ever comes after the first one. */
const LONG_CHUNK = /\n0*[1-9a-f][\da-f]{8}/i;
/** Node.js drops what follows an upgrade that it ignores, if it has come in the same piece. */
const UPGRADE = /\nupgrade:/i;
/** For the requests of one run. */
const TURNS = 12;

/** The sidecar refuses transfer codings that Node.js's parser lets through, and what follows on the connection. */
function withoutRefused(seen: readonly SeenRequest[]): readonly SeenRequest[] {
  const isRefused = ({ rawHeaders }: SeenRequest) =>
    rawHeaders.some((name, index) => {
      return index % 2 === 0 && /^transfer-encoding$/i.test(name) && !/^chunked$/i.test(rawHeaders[index + 1] ?? '');
    });
  const refused = seen.findIndex(isRefused);
  return refused < 0 ? seen : seen.slice(0, refused);
}

/** The fast path waits for the first byte of a body, as the proxy does behind Node.js. */
function withoutWaiting(seen: readonly SeenRequest[], count: number): readonly SeenRequest[] {
  const last = seen.at(-1);
  const hasLength = last?.rawHeaders.some((name) => /^content-length$/i.test(name));
  return seen.length === count + 1 && hasLength === true && last?.body === '' ? seen.slice(0, -1) : seen;
}

test('a connection shows a server the same requests with the fast path as without', {
  timeout: FUZZ_TIMEOUT_MS,
}, async () => {
  const tally = createTally();
  const requests = fc
    .tuple(fc.array(WHOLE_REQUEST, { maxLength: 4 }), fc.array(mutated(REQUEST), { minLength: 1, maxLength: 2 }))
    .map((both) => both.flat());
  await fc.assert(
    fc.asyncProperty(requests, CUTS, fc.boolean(), async (texts, cuts, isPipelined) => {
      if (texts.some((text) => LONG_CHUNK.test(text) || UPGRADE.test(text))) return tally.note('left out');
      const each = texts.map((text) => Buffer.from(text, 'latin1'));
      const pieces = isPipelined ? piecesOf(Buffer.concat(each), cuts) : each;
      const off = await requestsSeen(pieces, 'off');
      const all = withoutRefused(off.seen);
      const fast = await requestsSeen(pieces, 'fast');
      tally.note(fast.fast === 0 ? 'none' : fast.fast < fast.seen.length ? 'some' : 'all');
      for (const { seen, isClosed } of [fast, await requestsSeen(pieces, 'lent')]) {
        const expected = seen === fast.seen ? withoutWaiting(all, seen.length) : all;
        // By itself, Node.js reads on behind a response that closes the connection, such as 400 without `Host`.
        expect(seen).toEqual(isClosed && off.isClosed ? expected.slice(0, seen.length) : expected);
      }
    }),
    fuzzParameters(),
  );
  tally.expectEach('none', 'some', 'all');
});

/** What the fast path makes of bytes from the API, if it supports them and they contain a whole response. */
function responseOf(pieces: readonly Buffer[], method: string) {
  let [body, isComplete, isReusable] = ['', false, false];
  let head: { status: number; statusText: string; rawHeaders: readonly string[] } | undefined;
  let rawTrailers: readonly string[] = [];
  const connection = openUpstreamConnection(new MemorySocket() as unknown as Socket, {
    responseTimeoutMs: 1_000,
    onIdle: () => (isReusable = true),
    onLeave: () => (isReusable = false),
  });
  const exchange: Parameters<typeof connection.send>[1] = {
    onConnect() {},
    onRequestSent() {},
    onResponse({ status, statusText, rawHeaders }, part) {
      head = { status, statusText, rawHeaders };
      return exchange.onData(part);
    },
    onData({ data, trailers = [] }) {
      body += data.toString('latin1');
      rawTrailers = trailers;
      return true;
    },
    onComplete: () => (isComplete = true),
    onUnsupported() {},
    onError() {},
  };
  connection.send({ method, bytes: '' }, exchange);
  let receivedBytes = 0;
  for (const piece of pieces) {
    if (!isComplete) receivedBytes += piece.length;
    connection.receive(piece);
  }
  if (head === undefined || !isComplete) return undefined;
  return { response: { ...head, body, rawTrailers }, isReusable, receivedBytes };
}

test('a response ends on the fast path where it ends for llhttp', { timeout: FUZZ_TIMEOUT_MS }, async () => {
  const tally = createTally();
  const method = fc.constantFrom('GET', 'GET', 'HEAD');
  await fc.assert(
    fc.asyncProperty(mutated(RESPONSE), CUTS, method, async (text, cuts, method) => {
      const bytes = Buffer.from(text, 'latin1');
      const outcome = responseOf(piecesOf(bytes, cuts), method);
      tally.note(outcome === undefined ? 'other' : outcome.isReusable ? 'reusable' : 'last');
      if (outcome === undefined) return;
      const bytewise = responseOf(
        [...bytes].map((byte) => Buffer.of(byte)),
        method,
      );
      expect(bytewise?.response).toEqual(outcome.response);
      const end = bytewise?.receivedBytes ?? 0;
      if (outcome.isReusable) expect(end).toBe(bytes.length);
      expect(await parseResponse(bytes.subarray(0, end), method)).toEqual(outcome.response);
      expect(await parseResponse(bytes.subarray(0, end - 1), method)).toBeUndefined();
    }),
    fuzzParameters(),
  );
  tally.expectEach('reusable', 'last', 'other');
});
