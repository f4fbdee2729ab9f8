import type { Socket } from 'node:net';
import type { SimpleRequest } from './simple-request.ts';

/** Responds to one simple request, now or later. */
export type FastPathHandler = (request: SimpleRequest, response: ClientResponse) => void;

/** The response to the current request of a client's connection. Does nothing after `end`, `destroy` or `handOver`. */
export interface ClientResponse {
  readonly socket: Socket;
  /** The fields of a response after which the connection stays open. */
  readonly keepAlive: string;
  /** Whether the request is a `HEAD`: its response has no body. */
  isHead(): boolean;
  /** Whether the client has disconnected. */
  isGone(): boolean;
  /** @param listener is called if the client disconnects before `end`. */
  onGone(listener: () => void): void;
  /** @param listener is called when the client accepts more bytes again. */
  onDrain(listener: () => void): void;
  /** Whether this is the last response on its connection. Once true, it stays true. */
  isLast(): boolean;
  /** @returns whether the client accepts more bytes now. */
  write(bytes: string | Buffer): boolean;
  /** Completes the response. */
  end(): void;
  /** Closes the connection, because the response cannot be completed. */
  destroy(): void;
  /** Leaves the request to the HTTP server, which reads it again; the next one may be simple. */
  handOver(): void;
}
