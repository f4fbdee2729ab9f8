const IDEMPOTENT: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE', 'PUT', 'DELETE']);

/** Whether sending such a request twice has the same effect as sending it once (RFC 9110 §9.2.2). */
export function isIdempotent(method: string): boolean {
  return IDEMPOTENT.has(method);
}

/**
 * Whether the API may never have read a request: it closed or reset the connection. If the connection had been used
 * before, and no byte of a response has come, an idempotent request without a body is then sent once more, on a new
 * connection (RFC 9112 §9.3.1). On a new connection it is not: the request may have crashed the API.
 */
export function isConnectionLoss(error: Error & { code?: unknown }): boolean {
  return error.code === 'ECONNRESET' || error.code === 'EPIPE';
}
