import { errors } from 'undici';

/** Sends a request once more, if that is in order after this error. */
export type Repeat = (error: Error) => boolean;

const IDEMPOTENT: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PUT', 'DELETE']);

/** Whether whoever sends such a request twice gets what one would have got (RFC 9110 §9.2.2). */
export function isIdempotent(method: string): boolean {
  return IDEMPOTENT.has(method);
}

/**
 * A request may meet a connection that the API is just closing because it was idle for long enough. What is idempotent and
 * has no body is then sent once more (RFC 9112 §9.3.1), on another connection, for as long as there is no answer at all.
 * A connection that is reset, or was new, is another matter: the API may have died of the request.
 * @param send makes the same request of the same handler.
 */
export function repeatOnce(
  message: { readonly method: string; readonly body: unknown },
  send: () => void,
): Repeat | undefined {
  if (message.body !== null || !isIdempotent(message.method)) return undefined;
  let isLeft = true;
  return (error) => {
    if (!isLeft || !isClosedInTurn(error)) return false;
    isLeft = false;
    // By then it is known which other connections were closed with it.
    setImmediate(send);
    return true;
  };
}

/** Closed in good order by the API, on a connection on which it had answered before. undici has no code for it. */
function isClosedInTurn(error: Error): boolean {
  const isClosed = error instanceof errors.SocketError && error.message === 'other side closed';
  return isClosed && (error.socket?.bytesRead ?? 0) > 0;
}
