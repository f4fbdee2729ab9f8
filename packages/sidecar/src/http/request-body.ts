import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import type { IdleTimeout } from './idle-timeout.ts';

/** How long a client may go on sending a body that is no longer needed, before its connection is closed. */
const LINGER_MS = 5_000;

const CONTENT_LENGTH = 'content-length';
const TRANSFER_ENCODING = 'transfer-encoding';

/** Where a body comes from: an HTTP/1.1 request, or an HTTP/2 stream. */
interface BodySource {
  readonly readable: Readable;
  readonly idleTimeout: IdleTimeout;
  /** Reads and discards the rest. */
  discard(): void;
}

/**
 * The body of a request, for the connection to the API. If that connection needs no more of it (the API responded
 * before it read everything, or died), the rest is read and discarded, so that the client receives the response:
 * closing a connection with unread input would reset it, and the response with it.
 */
export function createRequestBody({ readable, idleTimeout, discard }: BodySource): Readable {
  const body = new Readable({
    read() {
      readable.resume();
      idleTimeout.start();
    },
    destroy(error, done) {
      readable.off('data', onData).off('end', onEnd).off('error', onError).off('close', onClose);
      idleTimeout.stop();
      discard();
      done(error);
    },
  });
  const onData = (chunk: Buffer) => {
    if (body.push(chunk)) return;
    readable.pause();
    idleTimeout.stop();
  };
  const onEnd = () => {
    idleTimeout.stop();
    body.push(null);
  };
  const onError = (error: Error) => body.destroy(error);
  const onClose = () => {
    if (!readable.readableEnded) body.destroy(new Error('the client went away'));
  };
  readable.on('data', onData).on('end', onEnd).on('error', onError).on('close', onClose);
  readable.pause();
  return body;
}

/** Reads and discards the rest of a request's body, for a limited time. */
export function discardRest(request: IncomingMessage): void {
  if (request.readableEnded || request.destroyed || !announcesBody(request.rawHeaders)) return;
  const limit = setTimeout(() => request.socket.destroy(), LINGER_MS).unref();
  request.once('end', () => clearTimeout(limit)).once('close', () => clearTimeout(limit));
  request.on('error', () => {});
  request.resume();
}

/** Without one of these there is no body (RFC 9112 §6.3). */
function announcesBody(rawHeaders: readonly string[]): boolean {
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] ?? '';
    if (name.length !== CONTENT_LENGTH.length && name.length !== TRANSFER_ENCODING.length) continue;
    const lower = name.toLowerCase();
    if (lower === TRANSFER_ENCODING || (lower === CONTENT_LENGTH && rawHeaders[index + 1] !== '0')) return true;
  }
  return false;
}
