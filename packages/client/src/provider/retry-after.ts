/** A provider that asks for more is asked again after this time: a mistaken date must not end logins for good. */
const LONGEST_WAIT_SECONDS = 300;

/** `Fri, 27 Nov 2026 14:00:00 GMT`, and the two older forms that a recipient must accept (RFC 9110 §5.6.7). */
const HTTP_DATE = /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*,? [\w: -]{15,30}(?: GMT)?$/;

/**
 * Reads a `Retry-After`: seconds, or the time between now and its date. At most five minutes.
 * @returns `undefined` if there is none, or it is malformed.
 * @see RFC 9110 §10.2.3
 */
export function retryAfterSeconds(headers: Headers, nowMs: number): number | undefined {
  const value = headers.get('retry-after')?.trim() ?? '';
  const seconds = /^\d{1,15}$/.test(value) ? Number(value) : secondsUntil(value, nowMs);
  return seconds === undefined ? undefined : Math.min(Math.max(seconds, 0), LONGEST_WAIT_SECONDS);
}

function secondsUntil(date: string, nowMs: number): number | undefined {
  // The oldest form, asctime's, has no time zone: it is UTC, too.
  const atMs = HTTP_DATE.test(date) ? Date.parse(date.endsWith('GMT') ? date : `${date} GMT`) : Number.NaN;
  return Number.isNaN(atMs) ? undefined : Math.ceil((atMs - nowMs) / 1000);
}
