import { once } from 'node:events';
import { createServer, connect as dial, type Server, type Socket } from 'node:net';
import type { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { BodyPart } from '../../src/fast-path/response-body.ts';
import type { ExchangeControl, UpstreamExchange } from '../../src/fast-path/upstream-exchange.ts';
import { type Connect, createUpstreamPool, type UpstreamPool } from '../../src/fast-path/upstream-pool.ts';
import { freePort, type Listening, listenOnLoopback } from '../fixture/listening.ts';

const GET = { method: 'GET', bytes: 'GET / HTTP/1.1\r\nHost: a\r\n\r\n' };
const responseOf = (body: string, ...fields: string[]) =>
  `HTTP/1.1 200 OK\r\n${fields.map((field) => `${field}\r\n`).join('')}Content-Length: ${body.length}\r\n\r\n${body}`;

let server: Server;
let api: Listening;
/** The API's end of each connection, in the order they came. */
let ends: Socket[];
/** What the API does after a header section: by default, it responds at once. */
let respond: (socket: Socket) => void;
let pool: UpstreamPool;
/** The current exchange. */
let underWay: Course;

beforeEach(async () => {
  respond = (socket) => socket.write(responseOf('ok'));
  ends = [];
  server = createServer({ noDelay: true }, (socket) => {
    ends.push(socket.on('error', () => {}));
    socket.on('data', () => respond(socket));
  });
  api = await listenOnLoopback(server);
  pool = createUpstreamPool(connectTo(api.port), 300);
});
afterEach(async () => {
  pool.close();
  for (const end of ends) end.destroy();
  await api.close();
});

function connectTo(port: number): Connect {
  return (onBytes, done) => {
    const buffer = Buffer.alloc(65_536);
    const callback = (bytes: number) => onBytes(buffer.subarray(0, bytes));
    const socket = dial({ port, host: '127.0.0.1', noDelay: true, onread: { buffer, callback } });
    let isDone = false;
    const finish = (error: Error | null) => {
      if (isDone) return;
      isDone = true;
      if (error === null) done(null, socket);
      else done(error, null);
    };
    socket.once('connect', () => finish(null)).on('error', finish);
  };
}

/** Everything that happens to one exchange, as text. */
interface Course extends UpstreamExchange {
  readonly events: string[];
  body: string;
  control: ExchangeControl | undefined;
  rest: Readable | undefined;
  over(): Promise<void>;
}

function courseOf(overrides: Partial<UpstreamExchange> = {}): Course {
  const course: Course = {
    events: [],
    body: '',
    control: undefined,
    rest: undefined,
    onConnect: (control) => (course.control = control),
    onRequestSent: () => course.events.push('sent'),
    onResponse({ status }, part) {
      course.events.push(`response ${status}`);
      return course.onData(part);
    },
    onData({ data, trailers = [] }) {
      course.body += data;
      if (trailers.length > 0) course.events.push(trailers.join('='));
      return true;
    },
    onComplete: () => course.events.push('complete'),
    onUnsupported(bytes) {
      course.rest = bytes;
      course.events.push('unsupported');
    },
    onError: (error, mayBeUnread) => course.events.push(`${mayBeUnread ? 'may be unread' : 'error'}: ${error.message}`),
    over: () => vi.waitFor(() => expect(course.events.at(-1)).toMatch(/^(?:complete|unsupported|error|may be unread)/)),
    ...overrides,
  };
  return course;
}

async function send(overrides?: Partial<UpstreamExchange>): Promise<Course> {
  const course = courseOf(overrides);
  underWay = course;
  pool.send(GET, course);
  await course.over();
  return course;
}

const CLOSED = 'the API closed the connection';

describe('a response', () => {
  test('leaves its connection to the next request', async () => {
    for (let n = 0; n < 3; n += 1) {
      const { events, body } = await send();
      expect([events, body]).toEqual([['sent', 'response 200', 'complete'], 'ok']);
    }
    expect(ends).toHaveLength(1);
  });

  test('may come in any pieces', async () => {
    respond = async (socket) => {
      for (const piece of responseOf('0123456789')) {
        socket.write(piece);
        await sleep(1);
      }
    };
    for (let n = 0; n < 2; n += 1) expect(await send()).toMatchObject({ body: '0123456789' });
    expect(ends).toHaveLength(1);
  });

  test('may come in chunks, and any pieces', async () => {
    const text = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;a=b\r\nhello\r\n1\r\n!\r\n0\r\nX-A: b\r\n\r\n';
    respond = async (socket) => {
      const cut = text.indexOf('\r\n\r\n') + 4;
      socket.write(text.slice(0, cut));
      for (const piece of text.slice(cut)) {
        socket.write(piece);
        await sleep(1);
      }
    };
    for (let n = 0; n < 2; n += 1) {
      expect(await send()).toMatchObject({ body: 'hello!', events: ['sent', 'response 200', 'X-A=b', 'complete'] });
    }
    expect(ends).toHaveLength(1);
  });

  test('waits while the client accepts no more', async () => {
    const size = 8_000_000;
    respond = (socket) => socket.write(responseOf('x'.repeat(size)));
    let taken = 0;
    const take = ({ data }: BodyPart) => {
      taken += data.length;
      return false;
    };
    const course = courseOf({ onResponse: (_response, part) => take(part), onData: take });
    pool.send(GET, course);
    await vi.waitFor(() => expect(taken).toBeGreaterThan(0));
    const before = taken;
    await sleep(50);
    expect(taken).toBe(before);
    while (taken < size) {
      course.control?.resume();
      await new Promise(setImmediate);
    }
    await course.over();
    expect(course.events).toEqual(['sent', 'complete']);
    expect((await send()).events).toContain('complete');
  });

  test('that is not supported goes to another reader, from its first byte to its last', async () => {
    const [first, last] = ['HTTP/1.0 200 OK\r\n\r\na', 'b'];
    respond = async (socket) => {
      socket.write(first);
      await sleep(20);
      socket.end(last);
    };
    const { rest } = await send();
    let text = '';
    for await (const chunk of rest ?? []) text += chunk;
    expect(text).toBe(first + last);
  });

  test('that is not supported comes at the pace of its reader, and ends with it', async () => {
    respond = (socket) => socket.write(`HTTP/1.1 200 OK\r\n\r\n${'x'.repeat(8_000_000)}`);
    const { rest } = await send();
    await sleep(50);
    expect(rest?.readableLength).toBeLessThan(200_000);
    rest?.destroy();
    await vi.waitFor(() => expect(ends[0]?.destroyed).toBe(true));
  });

  test('that breaks off is an error for the other reader', async () => {
    respond = (socket) => socket.write('HTTP/1.1 200 OK\r\n\r\nx');
    const { rest } = await send();
    ends[0]?.resetAndDestroy();
    await expect(async () => {
      for await (const _ of rest ?? []);
    }).rejects.toThrow();
  });
});

describe('a connection is not reused', () => {
  test.each([
    ['if the API closes it after its response', responseOf('ok', 'Connection: close')],
    ['after bytes beyond the announced length', `${responseOf('ok')}HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil`],
    ['if the API closes it without announcing that', `${responseOf('ok')}<end>`],
    ['if the API would close it soon', responseOf('ok', 'Keep-Alive: timeout=2')],
  ])('%s', async (_name, text) => {
    respond = (socket) => {
      socket.write(text.replace('<end>', ''));
      if (text.endsWith('<end>')) socket.end();
    };
    for (let n = 0; n < 2; n += 1) expect(await send()).toMatchObject({ body: 'ok' });
    expect(ends).toHaveLength(2);
    await vi.waitFor(() => expect(ends.every((end) => end.destroyed)).toBe(true));
  });

  test('in the same turn of the event loop, before a close after its response can be seen', async () => {
    respond = (socket) => socket.end(responseOf('ok'));
    const second = courseOf();
    const first = courseOf({
      onComplete() {
        first.events.push('complete');
        pool.send(GET, second);
      },
    });
    pool.send(GET, first);
    await second.over();
    expect([first.events.at(-1), second.events.at(-1)]).toEqual(['complete', 'complete']);
  });

  test('after bytes that no request asked for', async () => {
    await send();
    ends[0]?.write(responseOf('evil'));
    await vi.waitFor(() => expect(ends[0]?.destroyed).toBe(true));
    expect(await send()).toMatchObject({ body: 'ok' });
    expect(ends).toHaveLength(2);
  });

  test('if the API has closed it while idle', async () => {
    await send();
    ends[0]?.end();
    await once(ends[0] as Socket, 'close');
    expect(await send()).toMatchObject({ body: 'ok', events: ['sent', 'response 200', 'complete'] });
  });

  test('after a second', async () => {
    await send();
    const startMs = performance.now();
    await vi.waitFor(() => expect(ends[0]?.destroyed).toBe(true), 3_000);
    expect(performance.now() - startMs).toBeGreaterThan(700);
  });
});

describe('a request fails', () => {
  test.each([
    ['closed', (socket: Socket) => socket.end(), CLOSED],
    ['reset', (socket: Socket) => socket.resetAndDestroy(), 'read ECONNRESET'],
  ])('as one that may be unread, if a reused connection is %s before a response', async (_name, lose, message) => {
    await send();
    respond = lose;
    expect((await send()).events).toEqual(['sent', `may be unread: ${message}`]);
  });

  test.each([
    ['a new connection is closed', (socket: Socket) => socket.end(), CLOSED],
    ['a response breaks off in its head', (socket: Socket) => socket.end('HTTP/1.1 200 OK\r\nConte'), CLOSED],
    ['a response breaks off in its body', (socket: Socket) => socket.end(responseOf('okay').slice(0, -2)), CLOSED],
    [
      'chunks break the rules',
      async (socket: Socket) => {
        socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na');
        await vi.waitFor(() => expect(underWay.body).toBe('a'));
        socket.write('b\r\n0\r\n\r\n');
      },
      'the API breaks the rules of chunks',
    ],
    ['a connection is reset', (socket: Socket) => socket.resetAndDestroy(), 'read ECONNRESET'],
    ['there is no response in time', () => {}, 'no response in time'],
  ])('when %s', async (_name, act, message) => {
    respond = act;
    expect((await send()).events.at(-1)).toBe(`error: ${message}`);
  });

  test.each([1, 2, 20, 41])(
    'when a reused connection is closed %d bytes before the end of a response',
    async (missing) => {
      await send();
      respond = (socket) => socket.end(responseOf('okay').slice(0, -missing));
      expect((await send()).events.at(-1)).toBe(`error: ${CLOSED}`);
    },
  );

  test('when the API does not listen', async () => {
    pool.close();
    pool = createUpstreamPool(connectTo(await freePort()), 300);
    expect((await send()).events).toEqual([expect.stringContaining('ECONNREFUSED')]);
  });
});

test.each(['the pool is closed', 'the API sent bytes before a request'])(
  'a connection that opens is not used when %s',
  async (reason) => {
    const end = vi.fn();
    const socket = { destroy: end } as unknown as Socket;
    pool.close();
    const late = createUpstreamPool((onBytes, done) => {
      if (reason === 'the API sent bytes before a request') onBytes(Buffer.from('x'));
      else late.close();
      done(null, socket);
    }, 300);
    const course = courseOf();
    late.send(GET, course);
    expect(course.events).toEqual([`error: ${reason}`]);
    expect(end).toHaveBeenCalled();
  },
);

test('a request aborted before it is sent is never sent', async () => {
  const heads = vi.fn();
  respond = heads;
  const course = courseOf({ onConnect: (control) => control.abort() });
  pool.send(GET, course);
  await vi.waitFor(() => expect(ends[0]?.destroyed).toBe(true));
  expect(heads).not.toHaveBeenCalled();
  expect(course.events).toEqual([]);
});

test('a request aborted later closes its connection, without another event', async () => {
  respond = (socket) => socket.write(responseOf('okay').slice(0, -2));
  const course = courseOf();
  pool.send(GET, course);
  await vi.waitFor(() => expect(course.events).toContain('response 200'));
  course.control?.abort();
  await vi.waitFor(() => expect(ends[0]?.destroyed).toBe(true));
  expect(course.events).toEqual(['sent', 'response 200']);
});

test('concurrent requests have a connection each, and all are reused', async () => {
  await Promise.all(Array.from({ length: 20 }, () => send()));
  const opened = ends.length;
  expect(opened).toBe(20);
  await Promise.all(Array.from({ length: 20 }, () => send()));
  expect(ends).toHaveLength(opened);
});
