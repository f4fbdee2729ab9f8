import type { OutgoingHttpHeaders } from 'node:http2';

/** Fields that Node.js's HTTP/2 sends once only: it throws on a list (ERR_HTTP2_HEADER_SINGLE_VALUE). */
const SINGLE: ReadonlySet<string> = new Set([
  'access-control-allow-credentials',
  'access-control-max-age',
  'access-control-request-method',
  'age',
  'authorization',
  'content-encoding',
  'content-language',
  'content-length',
  'content-location',
  'content-md5',
  'content-range',
  'content-type',
  'date',
  'dnt',
  'etag',
  'expires',
  'from',
  'host',
  'if-match',
  'if-modified-since',
  'if-none-match',
  'if-range',
  'if-unmodified-since',
  'last-modified',
  'location',
  'max-forwards',
  'proxy-authorization',
  'range',
  'referer',
  'retry-after',
  'tk',
  'upgrade-insecure-requests',
  'user-agent',
  'x-content-type-options',
]);

/**
 * Turns names and values in turn into the fields of an HTTP/2 message: names in lower case, and one list for a repeated
 * field. Of a field that Node.js sends once only, equal values become one, and others are joined (RFC 9110 §5.3).
 */
export function http2Fields(pairs: readonly string[]): OutgoingHttpHeaders {
  const fields: Record<string, string | string[]> = Object.create(null);
  for (let index = 0; index + 1 < pairs.length; index += 2) {
    const name = pairs[index]?.toLowerCase() ?? '';
    const value = pairs[index + 1] ?? '';
    const before = fields[name];
    if (before === undefined) fields[name] = value;
    else if (!SINGLE.has(name)) fields[name] = Array.isArray(before) ? [...before, value] : [before, value];
    else if (typeof before === 'string' && before !== value) fields[name] = `${before}, ${value}`;
  }
  return fields;
}
