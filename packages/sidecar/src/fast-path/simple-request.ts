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
}

/** Longer requests are rare and go to the HTTP server. */
const MAX_BYTES = 16_384;
const HEAD_END = '\r\n\r\n';
/** RFC 9112 §3 and §5 to the letter: none of what a recipient may tolerate, and no tabs. */
const HEAD =
  /^(GET|HEAD|OPTIONS|DELETE|POST|PUT|PATCH) (\/[\x21-\x7e]*) HTTP\/1\.1\r\n((?:[!#$%&'*+.^_`|~0-9A-Za-z-]+:[\x20-\x7e\x80-\xff]*\r\n)+)\r\n$/;
/** How an incomplete one begins. */
const BEGINNING = /^[A-Z]+(?: |$)/;
/** Never in a header section: a control character, or CR or LF alone. */
export const INVALID_OCTETS = /[^\r\n\x20-\x7e\x80-\xff]|[^\r]\n|\r[^\n]/;
const LENGTH = /^(?:0|[1-9]\d{0,4})$/;
/** Without a length, `Content-Length: 0` has to be added to these on the way to the API; undici does that. */
const WITH_BODY: ReadonlySet<string> = new Set(['POST', 'PUT', 'PATCH']);
const [TAB, SPACE] = [0x09, 0x20];

/**
 * Reads what has arrived on a connection if it is exactly one complete HTTP/1.1 request, its body has a length or is
 * absent, and its only demand on the connection is whether to keep it alive.
 * @returns `more` while it may become such a request; `undefined` for anything else, which is left to the HTTP server.
 */
export function readSimpleRequest(bytes: Buffer): SimpleRequest | 'more' | undefined {
  if (bytes.length > MAX_BYTES) return undefined;
  const end = bytes.indexOf(HEAD_END) + HEAD_END.length;
  if (end < HEAD_END.length) return isBeginning(bytes.toString('latin1')) ? 'more' : undefined;
  const [, method, target, lines] = HEAD.exec(bytes.toString('latin1', 0, end)) ?? [];
  if (method === undefined || target === undefined || lines === undefined) return undefined;
  const rawHeaders = readFields(lines);
  const framing = readFraming(rawHeaders);
  if (framing === undefined || (framing.length === undefined && WITH_BODY.has(method))) return undefined;
  if (bytes.length !== end + (framing.length ?? 0)) return undefined;
  return { method, target, rawHeaders, body: bytes.subarray(end), isLast: framing.isLast };
}

function isBeginning(text: string): boolean {
  return BEGINNING.test(text) && !INVALID_OCTETS.test(text);
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
