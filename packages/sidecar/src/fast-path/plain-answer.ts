import { readFields } from './plain-request.ts';

/** The header section of an answer whose body has a length, or that has none. */
export interface PlainAnswer {
  readonly status: number;
  readonly statusText: string;
  /** Names and values in turn, in the order and the spelling they came in. */
  readonly rawHeaders: readonly string[];
  /** Of the body, in bytes. */
  readonly length: number;
  /** For how long the connection may be used again, in milliseconds; 0: not at all. */
  readonly reusableMs: number;
}

const HEAD =
  /^HTTP\/1\.1 ([2-5]\d\d)(?: ([\x20-\x7e]*))?\r\n((?:[!#$%&'*+.^_`|~0-9A-Za-z-]+:[\x20-\x7e\x80-\xff]*\r\n)*)\r\n$/;
const LENGTH = /^\d{1,15}$/;
/** Below what servers grant an idle connection, so that no request meets one that is just being closed. */
const IDLE_MS = 1_000;
/** Off what a server says it grants: the way takes its time. */
const MARGIN_MS = 2_000;
const MAX_IDLE_MS = 60_000;

/**
 * Reads the header section of an answer to a `GET`.
 * @param head up to and with the empty line.
 * @returns `undefined` for anything whose end is not a matter of counting bytes, or that is no final answer: that is for a
 * real parser.
 */
export function readPlainAnswer(head: string): PlainAnswer | undefined {
  const [, status, statusText = '', lines] = HEAD.exec(head) ?? [];
  if (status === undefined || lines === undefined) return undefined;
  const rawHeaders = readFields(lines);
  // RFC 9110 §15.3.5 and §15.4.5: no body, whatever their fields say.
  const isBodiless = status === '204' || status === '304';
  let length = isBodiless ? 0 : undefined;
  let hasLength = false;
  let reusableMs = IDLE_MS;
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const value = rawHeaders[index + 1] ?? '';
    switch (rawHeaders[index]?.toLowerCase()) {
      case 'content-length':
        if (hasLength || !LENGTH.test(value)) return undefined;
        hasLength = true;
        length ??= Number(value);
        break;
      case 'transfer-encoding':
      case 'trailer':
        return undefined;
      case 'connection':
        if (/\bclose\b/i.test(value)) reusableMs = 0;
        break;
      case 'keep-alive':
        if (reusableMs > 0) reusableMs = grantedMs(value);
        break;
    }
  }
  return length === undefined ? undefined : { status: Number(status), statusText, rawHeaders, length, reusableMs };
}

/** What a `Keep-Alive` field grants: `timeout=5` (seconds). */
function grantedMs(value: string): number {
  const seconds = /\btimeout=(\d+)/i.exec(value)?.[1];
  if (seconds === undefined) return IDLE_MS;
  return Math.min(MAX_IDLE_MS, Math.max(0, Number(seconds) * 1_000 - MARGIN_MS));
}
