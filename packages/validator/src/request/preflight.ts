/** The parts of a request that show whether it is a preflight. */
export interface PreflightSigns {
  readonly method: string;
  /** Every value of a header, in order; `name` in lower case. */
  readonly headerValues: (name: string) => readonly string[];
  /** The names of all headers, in any case. */
  readonly headerNames: () => readonly string[];
  /**
   * Whether a body follows that no header announces: in HTTP/2, a header section without END_STREAM. Absent: the headers
   * say it.
   */
  readonly hasBody?: boolean | undefined;
}

/** One value, and not several that were joined with a comma. */
const ORIGIN = /^[^\s,]+$/;
/** RFC 9110 §9.1. */
const METHOD = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;

/**
 * What no preflight carries. Credentials, so that a token is judged wherever there is one; a body; a change of protocol,
 * on which requests would follow unjudged; and headers by which some frameworks serve another method, which those behind
 * CGI read in any spelling: every character but letters and digits becomes `_`.
 */
const FOREIGN: ReadonlySet<string> = new Set([
  'authorization',
  'dpop',
  'transfer-encoding',
  'upgrade',
  'x-http-method-override',
  'x-http-method',
  'x-method-override',
]);
const UNUSUAL = /[^a-z0-9]/g;

/**
 * Whether a request is a CORS preflight, which a browser sends without credentials to ask whether it may send another
 * request: `OPTIONS` with one `Origin` and one `Access-Control-Request-Method`, no `Authorization`, not even an empty one,
 * no proof of possession, no body, no `Upgrade` and no header that overrides the method, in any spelling. It proves nothing of its sender:
 * any client can send one.
 * @see Fetch standard, CORS-preflight fetch: https://fetch.spec.whatwg.org/#cors-preflight-fetch
 */
export function isPreflight({ method, headerValues, headerNames, hasBody }: PreflightSigns): boolean {
  return (
    method === 'OPTIONS' &&
    hasBody !== true &&
    isOne(headerValues('origin'), ORIGIN) &&
    isOne(headerValues('access-control-request-method'), METHOD) &&
    headerValues('content-length').every((length) => length === '0') &&
    !headerNames().some(isForeign)
  );
}

function isForeign(name: string): boolean {
  return FOREIGN.has(name.toLowerCase().replaceAll(UNUSUAL, '-'));
}

function isOne(values: readonly string[], form: RegExp): boolean {
  const [value = ''] = values;
  return values.length === 1 && form.test(value);
}
