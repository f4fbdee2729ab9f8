import type { UnfinishedHead } from './unfinished-head.ts';

/** No request yet (`new`), or none since the last response. */
interface Waiting {
  readonly name: 'new' | 'idle';
  sinceMs: number;
  /** What the client has sent after the last request. */
  pipelined: Buffer | undefined;
}

interface ReadingHead {
  readonly name: 'reading-head';
  readonly head: UnfinishedHead;
  /** The header section is complete, and of a short body nothing has come. */
  isComplete: boolean;
  /** Nothing has come before it on its connection. */
  readonly isFirst: boolean;
  sinceMs: number;
}

interface Responding {
  readonly name: 'responding';
  readonly request: Buffer;
  readonly isHead: boolean;
  isLast: boolean;
  pipelined: Buffer | undefined;
  onGone: (() => void) | undefined;
  onDrain: (() => void) | undefined;
}

/** The HTTP server serves one request. */
interface Lent {
  readonly name: 'lent';
  /** The HTTP server has read its header section. */
  isRead: boolean;
  sinceMs: number;
  pipelined: Buffer | undefined;
}

/** The last response is written; input is read and discarded until the connection closes. */
export const CLOSING = { name: 'closing' } as const;
/** Of a connection that speaks another protocol from now on. */
export const HANDED_OVER = { name: 'handed-over' } as const;
export const CLOSED = { name: 'closed' } as const;

/** What a client's connection is doing. */
export type ClientState =
  | Waiting
  | ReadingHead
  | Responding
  | Lent
  | typeof CLOSING
  | typeof HANDED_OVER
  | typeof CLOSED;

const AFTER_WAITING = ['reading-head', 'responding', 'lent', 'closing', 'handed-over', 'closed'] as const;
/** Which states may follow which. */
export const CLIENT_TRANSITIONS: Readonly<Record<ClientState['name'], readonly ClientState['name'][]>> = {
  new: AFTER_WAITING,
  idle: AFTER_WAITING,
  'reading-head': ['responding', 'lent', 'closing', 'handed-over', 'closed'],
  responding: ['idle', 'lent', 'closing', 'closed'],
  lent: ['idle', 'closing', 'closed'],
  closing: ['closed'],
  'handed-over': [],
  closed: [],
};
