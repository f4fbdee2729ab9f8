import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { ClientResponse, FastPathHandler } from '../../src/fast-path/client-response.ts';
import {
  type FastConnection,
  type FastConnectionParts,
  openFastConnection,
} from '../../src/fast-path/fast-connection.ts';
import { type Listening, listenOnLoopback } from '../fixture/listening.ts';

const GET = (path: string) => `GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`;

let server: Server;
let listening: Listening;
let handle: FastPathHandler;
let isClosing: boolean;
let connection: FastConnection | undefined;
let stallTimeoutMs: number;
/** The server's end of the last connection. */
let accepted: Socket | undefined;
let left: FastConnection[];
/** What was handed over, as text. */
let handedOver: string;
const clients: Socket[] = [];

beforeEach(async () => {
  handle = ({ target }, response) => {
    response.write(`[${target}]`);
    response.end();
  };
  [isClosing, connection, accepted, handedOver, stallTimeoutMs] = [false, undefined, undefined, '', 200];
  const mine: FastConnection[] = [];
  left = mine;
  server = createServer({ allowHalfOpen: true }, (socket) => {
    const parts: FastConnectionParts = {
      handle: (request, response) => handle(request, response),
      handOver(other) {
        other.on('error', () => {}).on('end', () => other.end());
        other.on('data', (chunk) => (handedOver += chunk));
      },
      closing: () => isClosing,
      headerTimeoutMs: 200,
      stallTimeoutMs,
      onLeave: (one) => mine.push(one),
    };
    accepted = socket;
    connection = openFastConnection(socket, parts);
  });
  listening = await listenOnLoopback(server);
});
afterEach(async () => {
  for (const client of clients.splice(0)) client.destroy();
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

describe('a connection', () => {
  test('is served as long as requests are simple, and handed over with the first that is not', async () => {
    const { socket, says } = await dial();
    socket.write(GET('/a'));
    await says('[/a]');
    socket.write(GET('/b'));
    await says('[/a][/b]');
    const other = 'POST /c HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n';
    socket.write(other);
    await vi.waitFor(() => expect(handedOver).toBe(other));
    expect(left).toHaveLength(1);
    socket.write(GET('/d'));
    await vi.waitFor(() => expect(handedOver).toBe(other + GET('/d')));
  });

  test('is served if a header section comes in a few pieces', async () => {
    const { socket, says } = await dial();
    for (const piece of ['GET', ' /a HTTP/1.1\r\nHo', 'st: a\r\n', '\r\n']) {
      socket.write(piece);
      await isRead(socket.bytesWritten);
    }
    await says('[/a]');
    expect(handedOver).toBe('');
  });

  test('is handed over with every byte if a header section comes in many pieces', async () => {
    const { socket } = await dial();
    for (const piece of GET('/a')) {
      socket.write(piece);
      await isRead(socket.bytesWritten);
    }
    await vi.waitFor(() => expect(handedOver).toBe(GET('/a')));
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
    // Two requests that arrived together are handed over.
    await vi.waitFor(() =>
      expect(text() + handedOver).toMatch(/^\[\/a\](?:\[\/b\]\[\/c\]|GET \/b[\s\S]*GET \/c[\s\S]*)$/),
    );
  });

  test('is handed over with the whole request if the handler says so', async () => {
    handle = (_request, response) => response.handOver();
    const { socket } = await dial();
    socket.write(GET('/a'));
    await vi.waitFor(() => expect(handedOver).toBe(GET('/a')));
    expect(left).toHaveLength(1);
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
  expect([handedOver, left]).toEqual(['', []]);
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

  test('to send the next request has 75 s', async () => {
    const { socket, says, closed } = await dial();
    socket.write(GET('/'));
    await says('[/]');
    later(74_000);
    expect(closed()).toBe(false);
    later(76_000);
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
    await sleep(300);
    expect(left).toHaveLength(1);
  });
});

describe('a response that is still being sent', () => {
  const SIZE = 20_000_000;
  const later = (ms: number) => connection?.check(performance.now() + ms);

  test.each([
    ['does not make the connection idle', GET('/'), () => later(76_000)],
    [
      'is not late, whatever follows the last request',
      'GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n',
      () => later(201),
    ],
    ['does not make the connection idle when the sidecar stops', GET('/'), () => connection?.closeIfIdle()],
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

test('a client that has just connected is not idle for a second', async () => {
  const { socket, says } = await dial();
  connection?.closeIfIdle();
  socket.write(GET('/'));
  await says('[/]');

  const { closed } = await dial();
  await vi.waitFor(
    () => {
      connection?.closeIfIdle();
      expect(closed()).toBe(true);
    },
    { timeout: 3_000 },
  );
});

test('only an idle connection is closed as idle', async () => {
  const { socket, says, closed } = await dial();
  let response: ClientResponse | undefined;
  handle = (_request, busy) => {
    response = busy;
    busy.write('[');
  };
  socket.write(GET('/'));
  await says('[');
  connection?.closeIfIdle();
  response?.write(']');
  response?.end();
  await says('[]');
  expect(closed()).toBe(false);
  connection?.closeIfIdle();
  await vi.waitFor(() => expect(closed()).toBe(true));
});
