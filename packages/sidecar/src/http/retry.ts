/**
 * A request may meet a connection that the API is just closing because it was idle, or that a middlebox has forgotten.
 * An idempotent one without a body is then sent once more (RFC 9112 §9.3.1), on a new connection, as long as no byte of a
 * response has come. One on a new connection is not: it may have crashed the API.
 */
const IDEMPOTENT: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PUT', 'DELETE']);

/** Whether sending such a request twice has the same effect as sending it once (RFC 9110 §9.2.2). */
export function isIdempotent(method: string): boolean {
  return IDEMPOTENT.has(method);
}

/** Whether the other side closed or reset the connection. */
export function isConnectionLoss(error: Error & { code?: unknown }): boolean {
  return error.code === 'ECONNRESET' || error.code === 'EPIPE';
}
