import type { Socket } from 'node:net';
import { beforeEach, expect, test, vi } from 'vitest';
import { openUpstreamConnection, type UpstreamConnection } from '../../src/fast-path/upstream-connection.ts';
import type { UpstreamExchange } from '../../src/fast-path/upstream-exchange.ts';
import { MemorySocket } from '../fixture/parser.ts';

const GET = { method: 'GET', bytes: 'GET / HTTP/1.1\r\nHost: a\r\n\r\n' };
const OK = Buffer.from('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
const UNSUPPORTED = Buffer.from('HTTP/1.0 200 OK\r\n\r\n');

let socket: MemorySocket;
let connection: UpstreamConnection;
let exchange: UpstreamExchange;
const onIdle = vi.fn();
const onLeave = vi.fn();

beforeEach(() => {
  vi.clearAllMocks();
  socket = new MemorySocket();
  connection = openUpstreamConnection(socket as unknown as Socket, { responseTimeoutMs: 1_000, onIdle, onLeave });
  exchange = {
    onConnect: vi.fn(),
    onRequestSent: vi.fn(),
    onResponse: vi.fn(() => true),
    onData: vi.fn(() => true),
    onComplete: vi.fn(),
    onUnsupported: vi.fn(),
    onError: vi.fn(),
  };
});

test('a connection becomes idle with the last byte of a response, and can be reused', () => {
  for (let n = 1; n <= 3; n += 1) {
    expect(connection.isFresh(performance.now())).toBe(n > 1);
    connection.send(GET, exchange);
    connection.receive(OK.subarray(0, -1));
    expect(onIdle).toHaveBeenCalledTimes(n - 1);
    connection.receive(OK.subarray(-1));
    expect(onIdle).toHaveBeenCalledTimes(n);
  }
  expect(exchange.onComplete).toHaveBeenCalledTimes(3);
  expect(onLeave).not.toHaveBeenCalled();
});

test.each([
  ['that awaits a response', () => {}, 'awaiting-response'],
  ['that reads a body', () => connection.receive(OK.subarray(0, -1)), 'reading-body'],
  ['that is handed over', () => connection.receive(UNSUPPORTED), 'handed-over'],
  ['that is closed', () => connection.abort(), 'closed'],
])('a connection %s cannot send another request', (_name, act, state) => {
  connection.send(GET, exchange);
  act();
  expect(() => connection.send(GET, exchange)).toThrow(
    `a connection to the API cannot go from ${state} to awaiting-response`,
  );
});

test('an aborted exchange hears nothing more', async () => {
  connection.send(GET, exchange);
  connection.abort();
  connection.abort();
  connection.receive(OK);
  await vi.waitFor(() => expect(socket.closed).toBe(true));
  expect(onLeave).toHaveBeenCalledTimes(1);
  for (const event of [exchange.onResponse, exchange.onComplete, exchange.onUnsupported, exchange.onError]) {
    expect(event).not.toHaveBeenCalled();
  }
});
