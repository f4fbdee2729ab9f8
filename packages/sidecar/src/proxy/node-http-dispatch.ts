import type { ClientRequest, IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import { requestTrailers } from '../http/request-trailers.ts';
import type { ExchangeHandler } from './exchange.ts';
import { ANSWER_TIMEOUT_MS } from './upstream.ts';

/** A request for the API that waits for its `100 Continue`, or ends in trailers. */
export interface NodeHttpMessage {
  /** With its header section complete, and not yet sent. */
  readonly outgoing: ClientRequest;
  readonly body: Readable;
  /** The trailers, once the body has ended. */
  trailers(): readonly string[];
  /** The API wants the body. */
  onContinue(): void;
}

/**
 * Sends over node:http what undici does not send: trailers, and a head that leaves before its body, as `Expect` asks.
 * Slower, and a connection each; that is why nothing else goes this way. Speaks to the same handler.
 */
export function dispatchOverNodeHttp(
  { outgoing, body, trailers, onContinue }: NodeHttpMessage,
  handler: ExchangeHandler,
): void {
  let over = false;
  const fail = (error: Error) => {
    if (over) return;
    over = true;
    clearTimeout(patience);
    handler.onError?.(error);
    outgoing.destroy();
  };
  const timedOut = () => fail(Object.assign(new Error('no answer in time'), { code: 'ETIMEDOUT' }));
  const patience = setTimeout(timedOut, ANSWER_TIMEOUT_MS).unref();

  handler.onConnect?.(() => {
    over = true;
    clearTimeout(patience);
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
  outgoing.on('response', (answer: IncomingMessage) => {
    clearTimeout(patience);
    const resume = () => void answer.resume();
    handler.onHeaders?.(answer.statusCode ?? 502, buffers(answer.rawHeaders), resume, answer.statusMessage ?? '');
    answer.on('data', (chunk: Buffer) => {
      if (handler.onData?.(chunk) === false) answer.pause();
    });
    answer.on('error', fail);
    answer.on('end', () => {
      if (over) return;
      over = true;
      handler.onComplete?.(answer.rawTrailers);
      // An answer that came before the end of the body ends the sending of it.
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
