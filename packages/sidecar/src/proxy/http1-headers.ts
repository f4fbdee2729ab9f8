import type { UpstreamRequest } from './upstream-handler.ts';

/** All others say `Content-Length: 0` if they have no body (RFC 9110 §8.6); Node.js would send one in chunks. */
const USUALLY_WITHOUT_BODY: ReadonlySet<string> = new Set(['GET', 'HEAD', 'DELETE', 'OPTIONS', 'TRACE', 'CONNECT']);

/**
 * The header section of a request over HTTP/1.1: its fields, their framing, and those of the connection.
 * @param authority the `Host` of a request without one.
 * @returns names and values in turn.
 */
export function http1Headers(request: UpstreamRequest, authority: string): string[] {
  const { method, headers, body, expectsContinue, upgrade } = request;
  const fields = [...headers];
  if (!hasField(headers, 'host')) fields.push('host', authority);
  if (!hasField(headers, 'content-length')) {
    if (body !== null) fields.push('transfer-encoding', 'chunked');
    else if (!USUALLY_WITHOUT_BODY.has(method)) fields.push('content-length', '0');
  }
  if (expectsContinue) fields.push('expect', '100-continue');
  if (upgrade === undefined) fields.push('connection', 'keep-alive');
  else fields.push('connection', 'upgrade', 'upgrade', upgrade);
  return lengthLast(fields);
}

/**
 * Moves `Content-Length` behind `Content-Disposition`, if that has octets above 0x7f: after a length, Node.js takes such
 * a value for UTF-8, and damages it.
 */
export function lengthLast(fields: string[]): string[] {
  const length = indexOf(fields, 'content-length');
  if (length < 0) return fields;
  const disposition = indexOf(fields, 'content-disposition');
  if (disposition < length || !/[\x80-\xff]/.test(fields[disposition + 1] ?? '')) return fields;
  fields.push(...fields.splice(length, 2));
  return fields;
}

function hasField(fields: readonly string[], name: string): boolean {
  return indexOf(fields, name) >= 0;
}

/** @param name in lower case. */
function indexOf(fields: readonly string[], name: string): number {
  for (let index = 0; index + 1 < fields.length; index += 2) {
    if (fields[index]?.length === name.length && fields[index]?.toLowerCase() === name) return index;
  }
  return -1;
}
