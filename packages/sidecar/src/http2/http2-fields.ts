import type { OutgoingHttpHeaders } from 'node:http2';

/** Fields about one connection of HTTP/1.1: in HTTP/2 they make a message malformed (RFC 9113 §8.2.2). */
const CONNECTION_SPECIFIC: ReadonlySet<string> = new Set([
  'connection',
  'http2-settings',
  'keep-alive',
  'proxy-connection',
  'transfer-encoding',
  'upgrade',
]);

/** Fields that node:http2 sends in one line only. */
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
  'te',
  'tk',
  'upgrade-insecure-requests',
  'user-agent',
  'x-content-type-options',
]);

const TOKEN = /^[!#$%&'*+.^_`|~0-9a-z-]+$/;

/**
 * Turns the fields of a message, names and values in turn, into those of node:http2: in lower case, without those of
 * the connection (RFC 9113 §8.2), and in one line where node:http2 takes no more: equal values become one, and others are
 * joined in their order, which means the same (RFC 9110 §5.3). All other fields keep every line.
 */
export function http2Fields(pairs: readonly string[]): OutgoingHttpHeaders {
  const fields: Record<string, string | string[]> = Object.create(null);
  for (let index = 0; index + 1 < pairs.length; index += 2) {
    const name = pairs[index]?.toLowerCase() ?? '';
    const value = pairs[index + 1] ?? '';
    if (CONNECTION_SPECIFIC.has(name) || !TOKEN.test(name) || (name === 'te' && value !== 'trailers')) continue;
    const before = fields[name];
    fields[name] = before === undefined ? value : withRepetition(name, before, value);
  }
  return fields;
}

function withRepetition(name: string, before: string | string[], value: string): string | string[] {
  if (typeof before !== 'string') return [...before, value];
  if (!SINGLE.has(name)) return [before, value];
  return before === value ? before : `${before}, ${value}`;
}
