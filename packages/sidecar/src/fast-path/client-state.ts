/** No request yet (`new`), or none since the last response. */
interface Waiting {
  readonly name: 'new' | 'idle';
  sinceMs: number;
}

interface ReadingHead {
  readonly name: 'reading-head';
  bytes: Buffer;
  pieces: number;
  sinceMs: number;
}

interface Responding {
  readonly name: 'responding';
  readonly request: Buffer;
  readonly isHead: boolean;
  isLast: boolean;
  /** What the client has sent after the request. */
  pipelined: Buffer | undefined;
  onGone: (() => void) | undefined;
  onDrain: (() => void) | undefined;
}

/** The last response is written; input is read and discarded until the connection closes. */
export const CLOSING = { name: 'closing' } as const;
export const HANDED_OVER = { name: 'handed-over' } as const;
export const CLOSED = { name: 'closed' } as const;

/** What a client's connection on the fast path is doing. */
export type ClientState = Waiting | ReadingHead | Responding | typeof CLOSING | typeof HANDED_OVER | typeof CLOSED;

const AFTER_WAITING = ['reading-head', 'responding', 'handed-over', 'closed'] as const;
/** Which states may follow which. */
export const CLIENT_TRANSITIONS: Readonly<Record<ClientState['name'], readonly ClientState['name'][]>> = {
  new: AFTER_WAITING,
  idle: AFTER_WAITING,
  'reading-head': ['responding', 'closing', 'handed-over', 'closed'],
  responding: ['idle', 'closing', 'handed-over', 'closed'],
  closing: ['closed'],
  'handed-over': [],
  closed: [],
};
