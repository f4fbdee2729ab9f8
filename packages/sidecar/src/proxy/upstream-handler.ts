import type { Duplex, Readable } from 'node:stream';

/** The connections to the API, over one version of HTTP. */
export interface UpstreamClient {
  /** Sends one request. During this call the handler hears of `onConnect` at most; of a failure, later. */
  send(request: UpstreamRequest, handler: UpstreamHandler): void;
  /** Closes every connection. */
  close(): Promise<void>;
}

/** A request for the API. */
export interface UpstreamRequest {
  readonly method: string;
  readonly path: string;
  /**
   * Names and values in turn, `host` among them; no hop-by-hop fields but `te: trailers` and an announced `trailer`.
   * A body without `content-length` is of unknown length: how it is framed is up to the client.
   */
  readonly headers: readonly string[];
  /** `null`: the request has no body. */
  readonly body: Readable | null;
  /** The trailers that are forwarded. Called once the body has ended. */
  trailers(): [name: string, value: string][];
  /** The API decides whether the body is sent (RFC 9110 §10.1.1). */
  readonly expectsContinue: boolean;
  /** The protocols to change to: the value of `Upgrade`. Absent: none. */
  readonly upgrade?: string | undefined;
}

/** The head of a final response. */
export interface UpstreamResponse {
  /** 200 to 599; 101 where an upgrade was asked for. */
  readonly status: number;
  /** In latin1; empty over HTTP/2. */
  readonly statusText: string;
  /** Names and values in turn, in latin1, in their original order and repetition. */
  readonly rawHeaders: readonly string[];
  /** Nothing follows, not even trailers: gRPC reads its status from such a head. Absent: not known. */
  readonly isComplete?: boolean;
}

/**
 * What happens to one request: `onConnect` and `onRequestSent`, then any number of informational responses, then a
 * response, its body and `onComplete`. `onError` may come at any time before `onComplete`, and ends it.
 */
export interface UpstreamHandler {
  /**
   * Called once, before there is a connection.
   * @param abort ends the request, without another call to the handler. @param rstCode why, in HTTP/2's terms.
   */
  onConnect(abort: (rstCode?: number) => void): void;
  /** The header section has been sent: from now on the API may have seen the request. */
  onRequestSent(): void;
  /** The API asks for the body. Called once at most, and only for a request that expects it. */
  onContinue(): void;
  /** An informational response: 102 to 199. */
  onInformation(status: number, rawHeaders: readonly string[]): void;
  /** @param resume continues after `onData` has returned false. */
  onResponse(response: UpstreamResponse, resume: () => void): void;
  /** @returns whether the client accepts more; if not, little more comes until `resume`. */
  onData(chunk: Buffer): boolean;
  /** @param rawTrailers names and values in turn, in latin1. */
  onComplete(rawTrailers: readonly string[]): void;
  /** The API has changed protocols. Absent: that is an error. @param head what came with the response already. */
  onUpgrade?(response: UpstreamResponse, socket: Duplex, head: Buffer): void;
  /** @param error `code: 'ETIMEDOUT'` if the API did not respond in time; `rstCode` if it reset an HTTP/2 stream. */
  onError(error: Error): void;
}

/** @returns an error for the handler: the API did not connect, or respond, in time. */
export function timeoutError(message: string): Error {
  return Object.assign(new Error(message), { code: 'ETIMEDOUT' });
}
