import { API_IDLE_TIMEOUT_MS } from '../http/limits.ts';
import { INVALID_OCTETS, readFields } from './simple-request.ts';

/** The header section of a response whose body says where it ends. */
export interface SimpleResponse {
  readonly status: number;
  readonly statusText: string;
  /** Names and values in turn, in their original order and spelling. */
  readonly rawHeaders: readonly string[];
  /** Of the body, in bytes; or `chunked`. */
  readonly length: number | 'chunked';
  /** For how long the connection may be reused; 0: not at all. */
  readonly reusableMs: number;
}

const HEAD =
  /^HTTP\/1\.1 ([2-5]\d\d)(?: ([\x20-\x7e]*))?\r\n((?:[!#$%&'*+.^_`|~0-9A-Za-z-]+:[\x20-\x7e\x80-\xff]*\r\n)*)\r\n$/;
const BEGINNING = 'HTTP/1.1 ';
/** Longer header sections go to `node:http`, which has a limit. */
const MAX_HEAD_BYTES = 16_384;
const LENGTH = /^\d{1,15}$/;
/** Subtracted from the idle time that a server grants, for the time a request is on its way. */
const MARGIN_MS = 2_000;
const MAX_IDLE_MS = 60_000;

/**
 * Reads the header section of a final response.
 * @param method of the request.
 * @param head up to and including the empty line.
 * @returns `undefined` for anything else, which is left to `node:http`.
 */
export function readSimpleResponse(method: string, head: string): SimpleResponse | undefined {
  const [, status, statusText = '', lines] = HEAD.exec(head) ?? [];
  if (status === undefined || lines === undefined) return undefined;
  const rawHeaders = readFields(lines);
  // RFC 9112 §6.3: no body, whatever the fields say.
  const isBodiless = method === 'HEAD' || status === '204' || status === '304';
  let length: SimpleResponse['length'] | undefined = isBodiless ? 0 : undefined;
  let isFramed = false;
  let hasTrailers = false;
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const value = rawHeaders[index + 1] ?? '';
    switch (rawHeaders[index]?.toLowerCase()) {
      case 'content-length':
        if (isFramed || !LENGTH.test(value)) return undefined;
        isFramed = true;
        length ??= Number(value);
        break;
      case 'transfer-encoding':
        if (isFramed || isBodiless || value.toLowerCase() !== 'chunked') return undefined;
        isFramed = true;
        length = 'chunked';
        break;
      case 'trailer':
        hasTrailers = true;
        break;
    }
  }
  if (length === undefined || (hasTrailers && length !== 'chunked')) return undefined;
  // A 205 has no content (RFC 9110 §15.3.6): the other reader drops what there is.
  if (status === '205' && length !== 0) return undefined;
  // A body that comes after all must not become the response to another request.
  const reusableMs = method === 'HEAD' ? 0 : reusableMsOf(rawHeaders);
  return { status: Number(status), statusText, rawHeaders, length, reusableMs };
}

/** For how long the API lets its connection be reused after a response with these headers; 0: not at all. */
export function reusableMsOf(rawHeaders: readonly string[]): number {
  let reusableMs = API_IDLE_TIMEOUT_MS;
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] ?? '';
    if (name.length !== 10) continue;
    const value = rawHeaders[index + 1] ?? '';
    const lower = name.toLowerCase();
    if (lower === 'connection' && /\bclose\b/i.test(value)) return 0;
    if (lower === 'keep-alive') reusableMs = grantedMs(value);
  }
  return reusableMs;
}

/** Whether this incomplete header section may become the one of a simple response. */
export function mayBecomeSimple(text: string): boolean {
  const begins = text.startsWith(BEGINNING) || BEGINNING.startsWith(text);
  return begins && text.length < MAX_HEAD_BYTES && !INVALID_OCTETS.test(text);
}

/** The idle time that a `Keep-Alive` field grants: `timeout=5` (seconds). */
function grantedMs(value: string): number {
  const seconds = /\btimeout=(\d+)/i.exec(value)?.[1];
  if (seconds === undefined) return API_IDLE_TIMEOUT_MS;
  return Math.min(MAX_IDLE_MS, Math.max(0, Number(seconds) * 1_000 - MARGIN_MS));
}
