/**
 * An introspection response that cannot be used. The message continues "the introspection endpoint of ...", and
 * contains nothing of the token, the credentials or the response. Internal: callers get an `UnavailableError`.
 */
export class UnusableResponseError extends Error {
  /** The HTTP status, when it is not 200. */
  readonly status: number | undefined;
  readonly retryAfterSeconds: number | undefined;

  constructor(what: string, response?: Response) {
    super(what);
    this.name = new.target.name;
    this.status = response?.status;
    this.retryAfterSeconds = response === undefined ? undefined : readRetryAfter(response);
  }
}

const MAX_RETRY_AFTER_SECONDS = 300;

/** Reads whole seconds only: a date would depend on two clocks (RFC 9110 §10.2.3). */
function readRetryAfter({ headers }: Response): number | undefined {
  const value = headers.get('retry-after') ?? '';
  return /^\d{1,6}$/.test(value) ? Math.min(Number(value), MAX_RETRY_AFTER_SECONDS) : undefined;
}
