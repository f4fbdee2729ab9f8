/**
 * Why an issuer's answer about a token is none. The message goes on from "the introspection endpoint of ...", and
 * holds nothing of the token, the credentials or the answer. Stays inside: callers see an `UnavailableError`.
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

/** Whole seconds only; a date would compare two clocks (RFC 9110 §10.2.3). */
function readRetryAfter({ headers }: Response): number | undefined {
  const value = headers.get('retry-after') ?? '';
  return /^\d{1,6}$/.test(value) ? Math.min(Number(value), MAX_RETRY_AFTER_SECONDS) : undefined;
}
