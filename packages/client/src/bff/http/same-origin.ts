/** The header that a client without `Sec-Fetch-Site` and `Origin` sends: a form of another origin cannot set it. */
const CSRF_HEADER = 'crossfade-csrf';

/**
 * Whether a state-changing request comes from the application itself. The first of these headers that it has decides:
 * `Sec-Fetch-Site`, which browsers set and pages cannot; `Origin`; {@link CSRF_HEADER}.
 * @see RFC 10017 §6.1.3.3
 */
export function isSameOrigin({ headers }: Request, publicUrl: string): boolean {
  const site = headers.get('sec-fetch-site');
  if (site !== null) return site === 'same-origin' || site === 'none';
  const origin = headers.get('origin');
  if (origin !== null) return origin === publicUrl;
  return headers.get(CSRF_HEADER) === '1';
}
