import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { ClientResponse, FastPathHandler } from '../../src/fast-path/client-response.ts';
import { openFastConnection } from '../../src/fast-path/fast-connection.ts';
import type { FastConnection, FastConnectionParts } from '../../src/fast-path/fast-connection-parts.ts';
import { LentSocket } from '../../src/fast-path/lent-socket.ts';
import { createUnfinishedBytes } from '../../src/fast-path/unfinished-bytes.ts';
import { keepAliveFields } from '../../src/fast-path/write-response.ts';
import { type Listening, listenOnLoopback } from '../fixture/listening.ts';

const GET = (path: string) => `GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`;

let server: Server;
let listening: Listening;
/** Absent: every request is lent. */
let handle: FastPathHandler | undefined;
/** What the HTTP server does with the requests that it is lent. */
let serve: (request: IncomingMessage, response: ServerResponse) => void;
let isClosing: boolean;
let connection: FastConnection | undefined;
let stallTimeoutMs: number;
/** The server's end of the last connection. */
let accepted: Socket | undefined;
let left: FastConnection[];
/** What was handed over, as text. */
let handedOver: string;
/** How many connections the HTTP server has got. */
let serverConnections: number;
const clients: Socket[] = [];

beforeEach(async () => {
  handle = ({ target }, response) => {
    response.write(`[${target}]`);
    response.end();
  };
  serve = (request, response) => {
    let body = '';
    request.setEncoding('latin1').on('data', (text: string) => (body += text));
    request.on('end', () => response.end(`{${request.url} ${body}}`));
  };
  [isClosing, connection, accepted, handedOver, stallTimeoutMs, serverConnections] = [
    false,
    undefined,
    undefined,
    '',
    200,
    0,
  ];
  const mine: FastConnection[] = [];
  left = mine;
  server = createServer({ maxHeaderSize: 65_536 });
  server.on('request', (request, response) => {
    response.sendDate = false;
    if (request.socket instanceof LentSocket) request.socket.begin(request, response);
    serve(request, response);
  });
  server.on('checkContinue', (request, response) => server.emit('request', request, response));
  const [listener] = server.listeners('connection');
  server.removeAllListeners('connection').on('connection', (socket) => {
    const parts: FastConnectionParts = {
      handle: handle === undefined ? undefined : (request, response) => handle?.(request, response),
      serve(lent) {
        serverConnections += 1;
        listener?.call(server, lent);
      },
      onUpgrade(other) {
        other.on('error', () => {}).on('end', () => other.end());
        other.on('data', (chunk) => (handedOver += chunk)).resume();
      },
      closing: () => isClosing,
      headerTimeoutMs: 200,
      stallTimeoutMs,
      idleTimeoutMs: 75_000,
      keepAlive: keepAliveFields(75_000),
      unfinished: createUnfinishedBytes(200_000),
      onLeave: (one) => mine.push(one),
    };
    accepted = socket;
    connection = openFastConnection(socket, parts);
  });
  listening = await listenOnLoopback(server);
});
afterEach(async () => {
  for (const client of clients.splice(0)) client.destroy();
  accepted?.destroy();
  await listening.close();
});

interface Client {
  readonly socket: Socket;
  /** Everything received so far. */
  text(): string;
  says(text: string): Promise<void>;
  closed(): boolean;
}

async function dial(): Promise<Client> {
  const socket = connect(listening.port, '127.0.0.1');
  clients.push(socket);
  let text = '';
  let isClosed = false;
  socket.on('error', () => {}).on('data', (chunk) => (text += chunk));
  socket.on('close', () => (isClosed = true));
  await once(socket, 'connect');
  await vi.waitFor(() => expect(connection).toBeDefined());
  return {
    socket,
    text: () => text,
    says: (expected) => vi.waitFor(() => expect(text).toBe(expected)),
    closed: () => isClosed,
  };
}

/** Resolves when the server has read this much of the last connection, so that later bytes are a piece of their own. */
const isRead = (bytes: number) => vi.waitFor(() => expect(accepted?.bytesRead).toBe(bytes));

const CHUNKED = (path: string, chunks: string) =>
  `POST ${path} HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n${chunks}`;
/** Without the header section of what the HTTP server writes. */
const short = (text: string) => text.replaceAll(/HTTP\/1\.1 200 OK[^{]*Content-Length: \d+\r\n\r\n/g, '');
const saysShort = ({ text }: Client, expected: string) => vi.waitFor(() => expect(short(text())).toBe(expected));

describe('a connection', () => {
  test('lends what is not simple to the HTTP server, and serves the next simple request', async () => {
    const client = await dial();
    client.socket.write(GET('/a'));
    await saysShort(client, '[/a]');
    for (const round of ['1', '2', '3']) {
      client.socket.write(CHUNKED(`/c${round}`, '3\r\nabc\r\n0\r\n\r\n'));
      await vi.waitFor(() => expect(short(client.text())).toContain(`{/c${round} abc}`));
      client.socket.write(GET(`/d${round}`));
      await vi.waitFor(() => expect(short(client.text())).toContain(`[/d${round}]`));
    }
    expect(serverConnections).toBe(1);
    expect(left).toEqual([]);
  });

  test('is served if a header section comes byte by byte', async () => {
    const { socket, says } = await dial();
    for (const piece of GET('/a')) {
      socket.write(piece);
      await isRead(socket.bytesWritten);
    }
    await says('[/a]');
    expect(serverConnections).toBe(0);
  });

  test('serves a short body that comes after its header section', async () => {
    handle = ({ body }, response) => {
      response.write(body);
      response.end();
    };
    const { socket, says } = await dial();
    for (const piece of ['POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n', 'hello']) {
      socket.write(piece);
      await isRead(socket.bytesWritten);
    }
    await says('hello');
    expect(serverConnections).toBe(0);
  });

  test('lends a short body that comes in several pieces, as it comes', async () => {
    serve = (request, response) => request.once('data', (text) => response.end(`{${text}}`));
    const client = await dial();
    for (const piece of ['POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n', 'he']) {
      client.socket.write(piece);
      await isRead(client.socket.bytesWritten);
    }
    await saysShort(client, '{he}');
    client.socket.write(`llo${GET('/next')}`);
    await saysShort(client, '{he}[/next]');
  });

  test('serves mixed pipelined requests in order, the next one after the last byte of a response', async () => {
    const begun: string[] = [];
    handle = ({ target }, response) => {
      begun.push(target);
      setTimeout(() => {
        response.write(`[${target}]`);
        response.end();
      }, 5);
    };
    const answer = serve;
    serve = (request, response) => {
      begun.push(request.url ?? '');
      setTimeout(() => answer(request, response), 5);
    };
    const client = await dial();
    const requests = [
      GET('/1'),
      CHUNKED('/2', '1\r\nx\r\n0\r\n\r\n'),
      GET('/3'),
      GET('/4'),
      CHUNKED('/5', '0\r\n\r\n'),
    ];
    client.socket.write(requests.join('') + GET('/6'));
    await saysShort(client, '[/1]{/2 x}[/3][/4]{/5 }[/6]');
    expect(begun).toEqual(['/1', '/2', '/3', '/4', '/5', '/6']);
  });

  test('serves many pipelined requests that are answered at once', async () => {
    const { socket, text } = await dial();
    socket.write(GET('/a').repeat(5_000));
    await vi.waitFor(() => expect(text().length).toBe('[/a]'.length * 5_000), 10_000);
  });

  test('streams a long body to the HTTP server, which may be slow', async () => {
    let received = 0;
    serve = (request, response) => {
      request.on('data', (chunk: Buffer) => {
        received += chunk.length;
        request.pause();
        setImmediate(() => request.resume());
      });
      request.on('end', () => response.end('{done}'));
    };
    const client = await dial();
    const body = Buffer.alloc(3_000_000, 'x');
    client.socket.write(`PUT / HTTP/1.1\r\nHost: a\r\nContent-Length: ${body.length}\r\n\r\n`);
    client.socket.write(body);
    client.socket.write(GET('/next'));
    await vi.waitFor(() => expect(short(client.text())).toBe('{done}[/next]'), 5_000);
    expect(received).toBe(body.length);
  });

  test('is closed after a response that the HTTP server wants to be the last', async () => {
    serve = (_request, response) => response.setHeader('Connection', 'close').end('{last}');
    const { socket, text, closed } = await dial();
    socket.write(CHUNKED('/', '0\r\n\r\n') + GET('/never'));
    await vi.waitFor(() => expect(closed()).toBe(true));
    expect(text()).toMatch(/\{last\}$/);
    expect(left).toHaveLength(1);
  });

  test('is closed if the HTTP server breaks off', async () => {
    serve = (_request, response) => response.destroy();
    const { socket, text, closed } = await dial();
    socket.write(CHUNKED('/', '0\r\n\r\n') + GET('/never'));
    await vi.waitFor(() => expect(closed()).toBe(true));
    expect(text()).toBe('');
  });

  test('gets 400 from the HTTP server for what it rejects, and nothing more is read', async () => {
    for (const bad of [
      CHUNKED('/', 'zz\r\n'),
      'GET / HTTP/1.1\r\nX-A: b\r\n\r\n',
      'GET / HTTP/1.1\r\nHost: a\r\nX-A: b\nX-B: c\r\n\r\n',
      'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +1\r\n\r\na',
    ]) {
      handle = () => expect.unreachable();
      serve = (request) => void request.on('error', () => {});
      const { socket, text, closed } = await dial();
      socket.write(bad + GET('/never'));
      await vi.waitFor(() => expect([bad, closed()]).toEqual([bad, true]));
      expect(text()).toMatch(/^HTTP\/1.1 400 [\s\S]*Connection: close\r\n/);
    }
  });

  test('is handed over for good with an upgrade', async () => {
    const { socket } = await dial();
    const upgrade = 'GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n';
    socket.write(`${upgrade}more`);
    await vi.waitFor(() => expect(handedOver).toBe(`${upgrade}more`));
    expect(left).toHaveLength(1);
    socket.write('!');
    await vi.waitFor(() => expect(handedOver).toBe(`${upgrade}more!`));
  });

  test('gets the responses to pipelined requests in order', async () => {
    const responses: ClientResponse[] = [];
    handle = ({ target }, response) => {
      responses.push(response);
      response.write(`[${target}`);
    };
    const { socket, says, text } = await dial();
    socket.write(GET('/a'));
    await says('[/a');
    socket.write(GET('/b'));
    socket.write(GET('/c'));
    await new Promise(setImmediate);
    expect(text()).toBe('[/a');
    handle = ({ target }, response) => {
      response.write(`[${target}]`);
      response.end();
    };
    responses[0]?.write(']');
    responses[0]?.end();
    await says('[/a][/b][/c]');
  });

  test('lends the whole request if the handler says so', async () => {
    handle = ({ target }, response) => {
      if (target === '/b') return response.handOver();
      response.write(`[${target}]`);
      return response.end();
    };
    const client = await dial();
    client.socket.write(`POST /b HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\nhi${GET('/c')}`);
    await saysShort(client, '{/b hi}[/c]');
    expect(left).toEqual([]);
  });

  test.each(['the client', 'the sidecar'])(
    'is closed after the response that %s wants to be the last',
    async (side) => {
      handle = (_request, response) => {
        response.write(response.isLast() ? 'last' : 'more');
        response.end();
      };
      const { socket, says, closed } = await dial();
      isClosing = side === 'the sidecar';
      socket.write(isClosing ? GET('/') : 'GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
      await says('last');
      await vi.waitFor(() => expect(closed()).toBe(true));
      expect(left).toHaveLength(1);
    },
  );
});

test('a response does nothing after its end', async () => {
  let ended: ClientResponse | undefined;
  handle = (_request, response) => {
    ended = response;
    response.write('1');
    response.end();
  };
  const { socket, says } = await dial();
  socket.write(GET('/'));
  await says('1');
  ended?.end();
  ended?.handOver();
  ended?.onGone(() => expect.unreachable());
  expect([ended?.isHead(), ended?.isGone(), ended?.isLast()]).toEqual([false, false, true]);
  expect([serverConnections, left]).toEqual([0, []]);
  socket.write(GET('/'));
  await says('11');
});

describe('a client that disconnects', () => {
  test.each(['end', 'destroy'] as const)('by %s ends its request', async (way) => {
    const gone = vi.fn();
    handle = (_request, response) => response.onGone(() => gone(response.isGone()));
    const { socket } = await dial();
    socket.write(GET('/'));
    await isRead(socket.bytesWritten);
    socket[way]();
    await vi.waitFor(() => expect(gone).toHaveBeenCalledWith(true));
    expect(left).toHaveLength(1);
  });

  test('between two requests has its connection closed', async () => {
    const { socket, says, closed } = await dial();
    socket.write(GET('/'));
    await says('[/]');
    socket.end();
    await vi.waitFor(() => expect([left.length, closed()]).toEqual([1, true]));
  });
});

describe('a client that is slow', () => {
  const later = (ms: number) => connection?.check(performance.now() + ms);

  test('to send a header section gets 408', async () => {
    const { socket, text, closed } = await dial();
    socket.write('GET / HTTP/1.1\r\nHos');
    await isRead(socket.bytesWritten);
    later(100);
    expect(closed()).toBe(false);
    later(201);
    await vi.waitFor(() => expect(closed()).toBe(true));
    expect(text()).toMatch(/^HTTP\/1.1 408 .*\r\nConnection: close\r\n\r\n$/s);
  });

  test('to send a first request has its connection closed without a response', async () => {
    const { text, closed } = await dial();
    later(201);
    await vi.waitFor(() => expect(closed()).toBe(true));
    expect(text()).toBe('');
  });

  test('to send the next request has 75 s, and a second more', async () => {
    const { socket, says, closed } = await dial();
    socket.write(GET('/'));
    await says('[/]');
    later(75_900);
    expect(closed()).toBe(false);
    later(76_100);
    await vi.waitFor(() => expect(closed()).toBe(true));
  });

  test('to accept a response has its connection closed, and one that accepts it causes a drain', async () => {
    const drained = vi.fn();
    handle = ({ target }, response) => {
      response.onDrain(drained);
      let goesOn = true;
      while (goesOn) goesOn = response.write(Buffer.alloc(1_000_000));
      if (target === '/end') response.end();
    };
    const slow = await dial();
    slow.socket.pause();
    slow.socket.write(GET('/end'));
    await vi.waitFor(() => expect(left).toHaveLength(1), 3_000);

    const { socket } = await dial();
    socket.write(GET('/'));
    await vi.waitFor(() => expect(drained).toHaveBeenCalled());
    // Nothing may happen: there is no event to wait for.
    await sleep(300);
    expect(left).toHaveLength(1);
  });
});

describe('a response that is still being sent', () => {
  const SIZE = 20_000_000;
  const later = (ms: number) => connection?.check(performance.now() + ms);

  test.each([
    ['does not make the connection idle', GET('/'), () => later(77_000)],
    [
      'is not late, whatever follows the last request',
      'GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n',
      () => later(201),
    ],
    [
      'does not make the connection idle when the sidecar stops',
      GET('/'),
      () => connection?.closeIfIdle(performance.now() + 2_000),
    ],
  ])('%s', async (_name, request, act) => {
    let response: ClientResponse | undefined;
    handle = (_request, ours) => (response = ours);
    stallTimeoutMs = 10_000;
    const { socket } = await dial();
    socket.pause().write(request);
    await isRead(socket.bytesWritten);
    socket.write('G');
    await isRead(socket.bytesWritten);
    response?.write(Buffer.alloc(SIZE));
    response?.end();
    // The response is written, and the client does not read it.
    expect(accepted?.writableLength).toBeGreaterThan(0);
    act();
    let bytes = 0;
    socket.on('data', (chunk) => {
      bytes += chunk.length;
    });
    socket.resume();
    await vi.waitFor(() => expect(bytes).toBe(SIZE), 5_000);
  });
});

/** Closes the connection if it has been unused for a second, as seen so much later. */
const closeIfIdle = (laterMs: number) => connection?.closeIfIdle(performance.now() + laterMs);

test('a client that has just connected is not idle for a second', async () => {
  const { socket, says } = await dial();
  closeIfIdle(900);
  socket.write(GET('/'));
  await says('[/]');

  const { closed } = await dial();
  closeIfIdle(1_100);
  await vi.waitFor(() => expect(closed()).toBe(true));
});

test('only a connection that has been idle for a second is closed as idle', async () => {
  const { socket, says, closed } = await dial();
  let response: ClientResponse | undefined;
  handle = (_request, busy) => {
    response = busy;
    busy.write('[');
  };
  socket.write(GET('/'));
  await says('[');
  closeIfIdle(2_000);
  response?.write(']');
  response?.end();
  await says('[]');
  closeIfIdle(900);
  expect(closed()).toBe(false);
  closeIfIdle(1_100);
  await vi.waitFor(() => expect(closed()).toBe(true));
});

test('a connection whose request is lent is not idle, and is after it', async () => {
  let finish = () => {};
  serve = (_request, response) => {
    finish = () => response.end('{}');
  };
  const client = await dial();
  client.socket.write(CHUNKED('/', '0\r\n\r\n'));
  await vi.waitFor(() => expect(serverConnections).toBe(1));
  closeIfIdle(100_000);
  connection?.check(performance.now() + 100_000);
  finish();
  await saysShort(client, '{}');
  closeIfIdle(1_100);
  await vi.waitFor(() => expect(client.closed()).toBe(true));
});
