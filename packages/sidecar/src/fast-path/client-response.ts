import type { Socket } from 'node:net';
import type { SimpleRequest } from './simple-request.ts';

/** Responds to one simple request, now or later. */
export type FastPathHandler = (request: SimpleRequest, response: ClientResponse) => void;

/** The response to the current request of a client's connection. Does nothing after `end`, `destroy` or `handOver`. */
export interface ClientResponse {
  readonly socket: Socket;
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
  /** Hands the connection to the HTTP server, which reads the same request again. */
  handOver(): void;
}
