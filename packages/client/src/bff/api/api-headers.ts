/** Of one connection only. @see RFC 9110 §7.6.1 */
const HOP_BY_HOP = [
  'connection',
  'keep-alive',
  'proxy-connection',
  'proxy-authenticate',
  'proxy-authorization',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'http2-settings',
];

/** What an API must not take from a browser: credentials, and what proxies say about a client. */
const NOT_OF_BROWSERS = [
  'host',
  'authorization',
  'cookie',
  'cookie2',
  'dpop',
  'expect',
  'forwarded',
  'x-real-ip',
  'proxy',
  'client-cert',
  'client-cert-chain',
];
const NOT_OF_BROWSERS_PREFIXES = ['x-forwarded-', 'crossfade-', 'proxy-'];

/** For the browser, the API is the application: it makes no request across origins. */
const CROSS_ORIGIN_REQUEST = ['origin', 'referer'];
const CROSS_ORIGIN_REQUEST_PREFIXES = ['sec-fetch-', 'access-control-request-'];

/** What would speak for the origin of the application, which is not the API's. */
const OF_THE_ORIGIN = [
  'set-cookie',
  'set-cookie2',
  'alt-svc',
  'clear-site-data',
  'dpop-nonce',
  'nel',
  'report-to',
  'reporting-endpoints',
  'service-worker-allowed',
  'strict-transport-security',
];
const OF_THE_ORIGIN_PREFIXES = ['access-control-'];

/** The headers of a browser's request that its API gets. */
export function requestHeaders(received: Headers, hasBody: boolean): Headers {
  const headers = without(
    received,
    [...HOP_BY_HOP, ...NOT_OF_BROWSERS, ...CROSS_ORIGIN_REQUEST],
    [...NOT_OF_BROWSERS_PREFIXES, ...CROSS_ORIGIN_REQUEST_PREFIXES],
  );
  if (!hasBody) headers.delete('content-length');
  return headers;
}

/**
 * The headers of an API's response that the browser gets. The responses are those of one user, which the API may have relied
 * on `Authorization` to say (RFC 9111 §3.5): so `private`, unless the API says that they are the same for all.
 */
export function responseHeaders(received: Headers): Headers {
  const headers = without(received, [...HOP_BY_HOP, ...OF_THE_ORIGIN], OF_THE_ORIGIN_PREFIXES);
  const control = received.get('cache-control');
  if (control === null) headers.set('cache-control', 'no-store');
  else if (!/\b(?:private|no-store|public|s-maxage)\b/i.test(control)) {
    headers.set('cache-control', `${control}, private`);
  }
  headers.append('vary', 'Cookie');
  if (!headers.has('x-content-type-options')) headers.set('x-content-type-options', 'nosniff');
  if (!headers.has('cross-origin-resource-policy')) headers.set('cross-origin-resource-policy', 'same-origin');
  return headers;
}

function without(received: Headers, names: readonly string[], prefixes: readonly string[]): Headers {
  const connection = (received.get('connection') ?? '').toLowerCase().split(',');
  const dropped = new Set([...names, ...connection.map((name) => name.trim())]);
  const headers = new Headers();
  for (const [name, value] of received) {
    // For CGI and WSGI, `X_Real_IP` is `X-Real-IP`.
    const spelt = name.replaceAll('_', '-');
    if (dropped.has(name) || dropped.has(spelt) || prefixes.some((prefix) => spelt.startsWith(prefix))) continue;
    headers.append(name, value);
  }
  return headers;
}
