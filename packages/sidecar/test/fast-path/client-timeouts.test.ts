import { expect, test } from 'vitest';
import {
  CLIENT_TRANSITIONS,
  CLOSED,
  CLOSING,
  type ClientState,
  HANDED_OVER,
} from '../../src/fast-path/client-state.ts';
import { isUnused, timeoutOf } from '../../src/fast-path/client-timeouts.ts';
import { createUnfinishedHead } from '../../src/fast-path/unfinished-head.ts';

const LIMITS = { headerTimeoutMs: 100, stallTimeoutMs: 200, idleTimeoutMs: 300 };
const head = createUnfinishedHead(Buffer.from('GET'));
const READING = { name: 'reading-head', head, isFirst: true, sinceMs: 0 } as const;
const NEW = { name: 'new', sinceMs: 0, pipelined: undefined } as const;
const IDLE = { name: 'idle', sinceMs: 0, pipelined: undefined } as const;

test.each<[string, ClientState, number, 'destroy' | 'refuse']>([
  ['a connection without a request', NEW, 100, 'destroy'],
  ['an idle one, a second after what was announced', IDLE, 1_300, 'destroy'],
  ['a header section', { ...READING, isComplete: false }, 100, 'refuse'],
  ['the first byte of a body', { ...READING, isComplete: true }, 200, 'destroy'],
  [
    'a header section that the HTTP server does not take for one',
    { name: 'lent', isRead: false, sinceMs: 0, pipelined: undefined },
    100,
    'destroy',
  ],
])('%s has its time', (_name, state, limitMs, action) => {
  expect(timeoutOf(state, limitMs, LIMITS)).toBeUndefined();
  expect(timeoutOf(state, limitMs + 1, LIMITS)).toBe(action);
});

test.each<ClientState>([
  { name: 'lent', isRead: true, sinceMs: 0, pipelined: undefined },
  CLOSING,
  CLOSED,
  HANDED_OVER,
])('$name has no timeout here', (state) => {
  expect(timeoutOf(state, 1e9, LIMITS)).toBeUndefined();
  expect(isUnused(state, 1e9)).toBe(false);
});

test.each<ClientState>([NEW, IDLE])('$name is unused after a second', (state) => {
  expect(isUnused(state, 1_000)).toBe(false);
  expect(isUnused(state, 1_001)).toBe(true);
});

test('a connection returns from a lent request, and from nothing that ends it', () => {
  const returning = Object.entries(CLIENT_TRANSITIONS).filter(([, next]) => next.includes('idle'));
  expect(returning.map(([name]) => name)).toEqual(['responding', 'lent']);
  const leaving = Object.entries(CLIENT_TRANSITIONS).filter(([, next]) => next.includes('handed-over'));
  expect(leaving.map(([name]) => name)).toEqual(['new', 'idle', 'reading-head']);
  expect(CLIENT_TRANSITIONS.closing).toEqual(['closed']);
});
