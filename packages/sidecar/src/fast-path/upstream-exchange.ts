import type { Duplex } from 'node:stream';
import type { BodyPart } from './response-body.ts';
import type { SimpleResponse } from './simple-response.ts';

/** What happens to one request on its way to the API and back. */
export interface UpstreamExchange {
  /** There is a connection, and the request is about to be sent. Called again for a retry. */
  onConnect(control: ExchangeControl): void;
  onRequestSent(): void;
  /**
   * @param part the beginning of the body that came with the header section; its data is valid during this call only.
   * @returns whether the client accepts more; if not, little more comes until `resume`.
   */
  onResponse(response: SimpleResponse, part: BodyPart): boolean;
  /** Like `onResponse`, for the rest of the body. */
  onData(part: BodyPart): boolean;
  onComplete(): void;
  /** The fast path does not support this response. @param bytes everything from the API, from the first byte. */
  onUnsupported(bytes: Duplex): void;
  /** @param mayBeUnread the API closed or reset a reused connection before any byte of a response. */
  onError(error: Error, mayBeUnread: boolean): void;
}

/** Controls the connection of an exchange that is not complete. */
export interface ExchangeControl {
  /** Ends the exchange and its connection, without another call to the exchange. */
  abort(): void;
  resume(): void;
}

/** A whole request. */
export interface UpstreamRequest {
  readonly method: string;
  /** All of it, in latin1. */
  readonly bytes: string;
}
