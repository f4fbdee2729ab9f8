/** Sends a request once more, if that is in order after this error. */
export type Repeat = (error: Error) => boolean;

/** Whoever sends one of them twice gets what one would have got (RFC 9110 §9.2.2). */
const IDEMPOTENT: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PUT', 'DELETE']);
/** Of a connection that stood, and was lost. One that is refused would be refused again. */
const LOST: ReadonlySet<unknown> = new Set(['UND_ERR_SOCKET', 'ECONNRESET', 'EPIPE']);

/**
 * A request may meet a connection that the API is just closing, because it was idle or because the API goes down. What is
 * idempotent and has no body is then sent once more (RFC 9112 §9.3.1), on another connection, for as long as there is no
 * answer at all.
 * @param send makes the same request of the same handler.
 */
export function repeatOnce(
  message: { readonly method: string; readonly body: unknown },
  send: () => void,
): Repeat | undefined {
  if (message.body !== null || !IDEMPOTENT.has(message.method)) return undefined;
  let isLeft = true;
  return (error) => {
    if (!isLeft || !('code' in error) || !LOST.has(error.code)) return false;
    isLeft = false;
    // By then it is known which other connections were lost with it.
    setImmediate(send);
    return true;
  };
}
