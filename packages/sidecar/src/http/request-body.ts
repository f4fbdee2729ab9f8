import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import type { StallGuard } from './idle-timeout.ts';

/** How long a client may go on sending a body that nobody wants any more, before its connection is cut. */
const LINGER_MS = 5_000;

const CONTENT_LENGTH = 'content-length';
const TRANSFER_ENCODING = 'transfer-encoding';

/** Where a body comes from: a request of HTTP/1.1, or a stream of HTTP/2. */
interface BodySource {
  readonly readable: Readable;
  readonly guard: StallGuard;
  /** Reads and throws away what nobody wants any more. */
  discard(): void;
}

/**
 * The body of a request, for the connection to the API. When that connection is done with it early (the API answered
 * before it read everything, or died), the rest is read and thrown away, so that the client gets its answer: closing
 * a connection with unread data would reset it, answer and all.
 */
export function createRequestBody({ readable, guard, discard }: BodySource): Readable {
  const body = new Readable({
    read() {
      readable.resume();
      guard.wait();
    },
    destroy(error, done) {
      readable.off('data', onData).off('end', onEnd).off('error', onFailure).off('close', onClose);
      guard.ease();
      discard();
      done(error);
    },
  });
  const onData = (chunk: Buffer) => {
    if (body.push(chunk)) return;
    readable.pause();
    guard.ease();
  };
  const onEnd = () => {
    guard.ease();
    body.push(null);
  };
  const onFailure = (error: Error) => body.destroy(error);
  const onClose = () => {
    if (!readable.readableEnded) body.destroy(new Error('the client went away'));
  };
  readable.on('data', onData).on('end', onEnd).on('error', onFailure).on('close', onClose);
  readable.pause();
  return body;
}

/** Reads the rest of a request's body for a bounded time, and throws it away. */
export function discardRest(request: IncomingMessage): void {
  if (request.readableEnded || request.destroyed || !announcesBody(request.rawHeaders)) return;
  const cut = setTimeout(() => request.socket.destroy(), LINGER_MS).unref();
  request.once('end', () => clearTimeout(cut)).once('close', () => clearTimeout(cut));
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
