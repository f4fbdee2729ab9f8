/** A request that has arrived whole and is unambiguous. */
export interface SimpleRequest {
  readonly method: string;
  readonly target: string;
  /** Names and values in turn, in their original order and spelling. */
  readonly rawHeaders: readonly string[];
  /** Empty if there is none. */
  readonly body: Buffer;
  /** The client closes the connection after this response (RFC 9112 §9.6). */
  readonly isLast: boolean;
  /** Of all of it, in bytes. */
  readonly size: number;
}

/** Longer requests are rare and go to the HTTP server. */
const MAX_BYTES = 16_384;
const HEAD_END = '\r\n\r\n';
/** RFC 9112 §3 and §5 to the letter: none of what a recipient may tolerate, and no tabs. */
const HEAD =
  /^(GET|HEAD|OPTIONS|DELETE|POST|PUT|PATCH) (\/[\x21-\x7e]*) HTTP\/1\.1\r\n((?:[!#$%&'*+.^_`|~0-9A-Za-z-]+:[\x20-\x7e\x80-\xff]*\r\n)+)\r\n$/;
/** How a header section begins, as far as one can tell from its first bytes. */
const BEGINNING = /^[A-Z][A-Z-]{0,30}(?: |$)/;
const BEGINNING_BYTES = 32;
/** Never in a header section: CR or LF alone, and what ends a text elsewhere. */
const BROKEN_LINE = /[^\r]\n|\r[^\n]|\0/;
/** Never in a header section: a control character, or CR or LF alone. */
export const INVALID_OCTETS = /[^\r\n\x20-\x7e\x80-\xff]|[^\r]\n|\r[^\n]/;
const LENGTH = /^(?:0|[1-9]\d{0,4})$/;
/** Without a length, `Content-Length: 0` has to be added to these on the way to the API; the other lane does that. */
const WITH_BODY: ReadonlySet<string> = new Set(['POST', 'PUT', 'PATCH']);
const [TAB, LF, CR, SPACE] = [0x09, 0x0a, 0x0d, 0x20];

/**
 * @param from where to begin; an end that reaches beyond it is found.
 * @returns where the first header section ends, with its empty line.
 */
export function endOfHead(bytes: Buffer, from: number): number | undefined {
  const at = bytes.indexOf(HEAD_END, Math.max(0, from - HEAD_END.length + 1), 'latin1');
  return at < 0 ? undefined : at + HEAD_END.length;
}

/**
 * Whether bytes without the end of a header section cannot become one. The HTTP server would reject them at once, too;
 * what it would not is left to it.
 * @param from the bytes before are known not to be malformed.
 */
export function isMalformed(bytes: Buffer, from: number): boolean {
  if (from < BEGINNING_BYTES && !BEGINNING.test(bytes.toString('latin1', 0, BEGINNING_BYTES))) return true;
  return BROKEN_LINE.test(bytes.toString('latin1', Math.max(0, from - 1)));
}

/** Without the empty lines that clients may send before a request (RFC 9112 §2.2). */
export function skipEmptyLines(bytes: Buffer): Buffer {
  let at = 0;
  while (bytes[at] === CR || bytes[at] === LF) at += 1;
  return at === 0 ? bytes : bytes.subarray(at);
}

/**
 * Reads the first request of what has arrived on a connection, if it is unambiguous, its body has a length or is absent,
 * and its only demand on the connection is whether to keep it alive.
 * @param end of its header section.
 * @returns `body` if a part of the body is missing; `undefined` for anything else, which is left to the HTTP server.
 */
export function readSimpleRequest(bytes: Buffer, end: number): SimpleRequest | 'body' | undefined {
  if (end > MAX_BYTES) return undefined;
  const [, method, target, lines] = HEAD.exec(bytes.toString('latin1', 0, end)) ?? [];
  if (method === undefined || target === undefined || lines === undefined) return undefined;
  const rawHeaders = readFields(lines);
  const framing = readFraming(rawHeaders);
  if (framing === undefined || (framing.length === undefined && WITH_BODY.has(method))) return undefined;
  const size = end + (framing.length ?? 0);
  if (size > MAX_BYTES) return undefined;
  if (size > bytes.length) return 'body';
  return { method, target, rawHeaders, body: bytes.subarray(end, size), isLast: framing.isLast, size };
}

/**
 * Splits field lines, each known to have a colon and to end in CRLF (RFC 9112 §5.1).
 * @returns names and values in turn; values without surrounding white space.
 */
export function readFields(lines: string): string[] {
  const fields: string[] = [];
  for (let at = 0; at < lines.length; ) {
    const colon = lines.indexOf(':', at);
    const end = lines.indexOf('\r\n', colon);
    let [from, to] = [colon + 1, end];
    while (from < to && isBlank(lines.charCodeAt(from))) from += 1;
    while (to > from && isBlank(lines.charCodeAt(to - 1))) to -= 1;
    fields.push(lines.slice(at, colon), lines.slice(from, to));
    at = end + 2;
  }
  return fields;
}

function isBlank(code: number): boolean {
  return code === SPACE || code === TAB;
}

interface Framing {
  /** Of the body, in bytes; `undefined` without a `Content-Length`. */
  readonly length: number | undefined;
  readonly isLast: boolean;
}

/** @returns `undefined` if the request, or its response, needs more than a body of known length. */
function readFraming(rawHeaders: readonly string[]): Framing | undefined {
  let hosts = 0;
  let length: number | undefined;
  let isLast = false;
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const value = rawHeaders[index + 1] ?? '';
    switch (rawHeaders[index]?.toLowerCase()) {
      case 'host':
        hosts += 1;
        break;
      case 'content-length':
        if (length !== undefined || !LENGTH.test(value)) return undefined;
        length = Number(value);
        break;
      case 'connection': {
        const option = value.toLowerCase();
        if (option === 'close') isLast = true;
        else if (option !== 'keep-alive') return undefined;
        break;
      }
      case 'expect':
      case 'te':
      case 'trailer':
      case 'transfer-encoding':
      case 'upgrade':
        return undefined;
    }
  }
  return hosts === 1 ? { length, isLast } : undefined;
}
