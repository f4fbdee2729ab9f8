import { errors } from 'undici';

/** Sends a request once more, if that is allowed after this error. @returns whether it is. */
export type Retry = (error: Error) => boolean;

const IDEMPOTENT: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PUT', 'DELETE']);

/** Whether sending such a request twice has the same effect as sending it once (RFC 9110 §9.2.2). */
export function isIdempotent(method: string): boolean {
  return IDEMPOTENT.has(method);
}

/**
 * A request may meet a connection that the API is just closing because it was idle. An idempotent one without a body
 * is then sent once more (RFC 9112 §9.3.1), on another connection, as long as there is no response at all. If the
 * connection was reset, or was new, it is not: the request may have crashed the API.
 * @param send dispatches the same request with the same handler.
 */
export function retryOnce(
  message: { readonly method: string; readonly body: unknown },
  send: () => void,
): Retry | undefined {
  if (message.body !== null || !isIdempotent(message.method)) return undefined;
  let isUsed = false;
  return (error) => {
    if (isUsed || !isCleanClose(error)) return false;
    isUsed = true;
    // By then the pool knows which other connections were closed together with this one.
    setImmediate(send);
    return true;
  };
}

/** Whether the API closed, without a reset, a connection on which it had responded before. undici has no code for it. */
function isCleanClose(error: Error): boolean {
  const isClosed = error instanceof errors.SocketError && error.message === 'other side closed';
  return isClosed && (error.socket?.bytesRead ?? 0) > 0;
}
