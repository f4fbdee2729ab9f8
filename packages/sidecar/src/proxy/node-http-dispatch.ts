import type { ClientRequest, IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import { requestTrailers } from '../http/trailers.ts';
import type { ExchangeHandler } from './exchange.ts';
import { RESPONSE_TIMEOUT_MS } from './upstream.ts';

/** A request for the API that waits for `100 Continue`, or ends in trailers. */
export interface NodeHttpMessage {
  /** With a complete header section that has not been sent. */
  readonly outgoing: ClientRequest;
  readonly body: Readable;
  /** The trailers, once the body has ended. */
  trailers(): readonly string[];
  /** The API asks for the body. */
  onContinue(): void;
}

/**
 * Sends over node:http what undici cannot send: trailers, and a head before its body, as `Expect` needs. It is slower
 * and takes a connection for each request, so that nothing else uses it. Calls the same handler as undici.
 */
export function dispatchOverNodeHttp(
  { outgoing, body, trailers, onContinue }: NodeHttpMessage,
  handler: ExchangeHandler,
): void {
  let isOver = false;
  const fail = (error: Error) => {
    if (isOver) return;
    isOver = true;
    clearTimeout(timeout);
    handler.onError?.(error);
    outgoing.destroy();
  };
  const onTimeout = () => fail(Object.assign(new Error('no response in time'), { code: 'ETIMEDOUT' }));
  const timeout = setTimeout(onTimeout, RESPONSE_TIMEOUT_MS).unref();

  handler.onConnect?.(() => {
    isOver = true;
    clearTimeout(timeout);
    body.destroy();
    outgoing.destroy();
  });
  outgoing.on('error', fail);
  outgoing.on('socket', (socket) => {
    if (socket.connecting) socket.once('connect', () => handler.onRequestSent());
    else handler.onRequestSent();
  });
  outgoing.on('continue', onContinue);
  outgoing.on('information', ({ statusCode, rawHeaders }) =>
    handler.onHeaders?.(statusCode, buffers(rawHeaders), nothing, ''),
  );
  outgoing.on('response', (response: IncomingMessage) => {
    clearTimeout(timeout);
    const resume = () => void response.resume();
    try {
      handler.onHeaders?.(
        response.statusCode ?? 502,
        buffers(response.rawHeaders),
        resume,
        response.statusMessage ?? '',
      );
    } catch (error) {
      // As with undici: a response that Node.js cannot write fails its request, not the process.
      fail(error as Error);
      return;
    }
    response.on('data', (chunk: Buffer) => {
      if (handler.onData?.(chunk) === false) response.pause();
    });
    response.on('error', fail);
    response.on('end', () => {
      if (isOver) return;
      isOver = true;
      handler.onComplete?.(response.rawTrailers);
      // A response before the end of the body ends the upload.
      body.destroy();
      if (!outgoing.writableEnded) outgoing.destroy();
    });
  });

  outgoing.flushHeaders();
  body.on('error', fail);
  body.on('end', () => {
    const pairs = requestTrailers(trailers());
    if (pairs.length > 0) outgoing.addTrailers(pairs);
    outgoing.end();
  });
  body.pipe(outgoing, { end: false });
}

function nothing(): void {}

function buffers(texts: readonly string[]): Buffer[] {
  return texts.map((text) => Buffer.from(text, 'latin1'));
}
