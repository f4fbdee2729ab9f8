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

/** Fields with one value that is no list: of several, recipients use the first, as node:http does. */
const FIRST_COUNTS: ReadonlySet<string> = new Set([
  'age',
  'authorization',
  'content-length',
  'content-location',
  'content-md5',
  'content-type',
  'date',
  'etag',
  'expires',
  'from',
  'host',
  'if-modified-since',
  'if-range',
  'if-unmodified-since',
  'last-modified',
  'location',
  'max-forwards',
  'proxy-authorization',
  'referer',
  'retry-after',
  'user-agent',
]);

/** Of these node:http2 refuses a second line, although they are lists, or recipients read them as one: joined. */
const JOINED: ReadonlySet<string> = new Set([
  'access-control-allow-credentials',
  'access-control-max-age',
  'access-control-request-method',
  'content-encoding',
  'content-language',
  'content-range',
  'dnt',
  'if-match',
  'if-none-match',
  'range',
  'tk',
  'upgrade-insecure-requests',
  'x-content-type-options',
]);

const TOKEN = /^[!#$%&'*+.^_`|~0-9a-z-]+$/;

/**
 * Turns the fields of a message, names and values in turn, into those of node:http2: in lower case, without those of
 * the connection (RFC 9113 §8.2), and with one value where node:http2 takes no more. Equal values become one; others
 * are joined in their order, or the first counts if the field is no list (RFC 9110 §5.3). All other fields keep every
 * line.
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
  if (FIRST_COUNTS.has(name) || name === 'te') return before;
  if (!JOINED.has(name)) return [before, value];
  return before.split(', ').includes(value) ? before : `${before}, ${value}`;
}
