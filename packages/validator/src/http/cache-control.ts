/** A directive, its value quoted or not (RFC 9111 §5.2). */
const DIRECTIVE = /(?:^|,)\s*([\w-]+)(?:=(?:"((?:[^"\\]|\\.)*)"|([^",\s]*)))?/g;
const SECONDS = /^\d{1,10}$/;

/**
 * How long a response may be used before its server is asked again, as its `Cache-Control` and `Age` say (RFC 9111 §4.2):
 * in milliseconds, 0 with `no-cache` or `no-store`, `undefined` if they say nothing.
 */
export function freshForMs(headers: Headers): number | undefined {
  const directives = readDirectives(headers.get('cache-control') ?? '');
  if (directives.get('no-cache') === '' || directives.has('no-store')) return 0;
  const maxAge = directives.get('max-age');
  if (maxAge === undefined) return undefined;
  return Math.max(0, seconds(maxAge) - seconds(headers.get('age') ?? '')) * 1000;
}

/** The first value of each directive (RFC 9111 §4.2.1); the empty string for one without a value. */
function readDirectives(cacheControl: string): ReadonlyMap<string, string> {
  const directives = new Map<string, string>();
  for (const [, name = '', quoted, plain = ''] of cacheControl.matchAll(DIRECTIVE)) {
    if (!directives.has(name.toLowerCase())) directives.set(name.toLowerCase(), quoted ?? plain);
  }
  return directives;
}

/** An invalid number counts as 0: the response is then stale. */
function seconds(text: string): number {
  return SECONDS.test(text) ? Number(text) : 0;
}
