/** A request that has arrived whole, and that nobody can read in two ways. */
export interface PlainRequest {
  readonly method: string;
  readonly target: string;
  /** Names and values in turn, in the order and the spelling they came in. */
  readonly rawHeaders: readonly string[];
  /** Empty: there is none. */
  readonly body: Buffer;
  /** The client wants no other answer on this connection (RFC 9112 §9.6). */
  readonly isLast: boolean;
}

/** Longer requests are rare, and worth no hurry. */
const MAX_BYTES = 16_384;
const HEAD_END = '\r\n\r\n';
/** RFC 9112 §3 and §5 to the letter, without all that a recipient may forgive, and without tabs. */
const HEAD =
  /^(GET|HEAD|OPTIONS|DELETE|POST|PUT|PATCH) (\/[\x21-\x7e]*) HTTP\/1\.1\r\n((?:[!#$%&'*+.^_`|~0-9A-Za-z-]+:[\x20-\x7e\x80-\xff]*\r\n)+)\r\n$/;
/** What may become the beginning of one. */
const BEGINNING = /^[A-Z]+(?: |$)/;
/** What no header section has: a line that ends in one character, or a control character. */
export const ODD = /[^\r\n\x20-\x7e\x80-\xff]|[^\r]\n|\r[^\n]/;
const LENGTH = /^(?:0|[1-9]\d{0,4})$/;
/** Without a length they are told to have an empty body, which is an addition, and so for who adds it. */
const WITH_BODY: ReadonlySet<string> = new Set(['POST', 'PUT', 'PATCH']);
const [TAB, SPACE] = [0x09, 0x20];

/**
 * Reads what has arrived on a connection, when it is exactly one request in HTTP/1.1 that is complete, its body counted in
 * bytes, and asks for nothing that concerns the connection, but whether it goes on.
 * @returns `more` while it is the beginning of what may become one; `undefined` for anything else: that is for a real
 * parser, which reads at least as strictly.
 */
export function readPlainRequest(bytes: Buffer): PlainRequest | 'more' | undefined {
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
  return BEGINNING.test(text) && !ODD.test(text);
}

/**
 * Splits field lines, of which each is known to have a colon and to end in CRLF (RFC 9112 §5.1).
 * @returns names and values in turn, values without the white space around them.
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
  /** Of the body, in bytes, if it says so. */
  readonly length: number | undefined;
  readonly isLast: boolean;
}

/** @returns `undefined` when there is more to the request, or to its answer, than bytes that can be counted. */
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
