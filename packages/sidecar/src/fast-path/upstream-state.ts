import type { Duplex } from 'node:stream';
import type { ResponseBody } from './response-body.ts';
import type { UpstreamExchange } from './upstream-exchange.ts';

interface Idle {
  readonly name: 'idle';
  readonly sinceMs: number;
  readonly reusableMs: number;
}

export interface AwaitingResponse {
  readonly name: 'awaiting-response';
  readonly exchange: UpstreamExchange;
  readonly method: string;
  readonly sinceMs: number;
  readonly isReused: boolean;
  /** The beginning of a header section. */
  head: Buffer | undefined;
}

export interface ReadingBody {
  readonly name: 'reading-body';
  readonly exchange: UpstreamExchange;
  readonly body: ResponseBody;
  reusableMs: number;
}

/** Another reader gets everything from the API. */
interface HandedOver {
  readonly name: 'handed-over';
  readonly rest: Duplex;
}

/** Connected; no request sent yet. */
export const NEW = { name: 'new' } as const;
export const CLOSED = { name: 'closed' } as const;

/** What a connection to the API is doing. */
export type UpstreamState = typeof NEW | Idle | AwaitingResponse | ReadingBody | HandedOver | typeof CLOSED;

/** Which states may follow which. */
export const UPSTREAM_TRANSITIONS: Readonly<Record<UpstreamState['name'], readonly UpstreamState['name'][]>> = {
  new: ['awaiting-response', 'closed'],
  idle: ['awaiting-response', 'closed'],
  'awaiting-response': ['reading-body', 'handed-over', 'closed'],
  'reading-body': ['idle', 'closed'],
  'handed-over': ['closed'],
  closed: [],
};
