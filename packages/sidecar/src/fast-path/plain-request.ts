/** A request that is over with its header section, and that nobody can read in two ways. */
export interface PlainRequest {
  readonly target: string;
  /** Names and values in turn, in the order and the spelling they came in. */
  readonly rawHeaders: readonly string[];
  /** The client wants no other answer on this connection (RFC 9112 §9.6). */
  readonly isLast: boolean;
}

/** Longer header sections are rare, and worth no hurry. */
const MAX_BYTES = 16_384;
const BEGINNING = 'GET /';
const END = '\r\n\r\n';
/** RFC 9112 §3 and §5 to the letter, without all that a recipient may forgive, and without tabs. */
const HEAD = /^GET (\/[\x21-\x7e]*) HTTP\/1\.1\r\n((?:[!#$%&'*+.^_`|~0-9A-Za-z-]+:[\x20-\x7e\x80-\xff]*\r\n)+)\r\n$/;
/** What no header section has: a line that ends in one character, or a control character. */
const ODD = /[^\t\r\n\x20-\x7e\x80-\xff]|[^\r]\n|\r[^\n]/;
const SPACE = 0x20;

/**
 * Reads what has arrived on a connection, when it is exactly one `GET` without a body, in HTTP/1.1, and asks for
 * nothing that concerns the connection, but whether it goes on.
 * @returns `more` while it is the beginning of what may become one; `undefined` for anything else: that is for a real
 * parser, which reads at least as strictly.
 */
export function readPlainRequest(bytes: Buffer): PlainRequest | 'more' | undefined {
  if (bytes.length > MAX_BYTES) return undefined;
  const text = bytes.toString('latin1');
  if (!text.startsWith(BEGINNING)) return BEGINNING.startsWith(text) ? 'more' : undefined;
  const [, target, fields] = HEAD.exec(text) ?? [];
  if (target === undefined || fields === undefined) return text.includes(END) || ODD.test(text) ? undefined : 'more';
  const rawHeaders = readFields(fields);
  const isLast = readConnection(rawHeaders);
  return isLast === undefined ? undefined : { target, rawHeaders, isLast };
}

/**
 * Splits field lines, of which each is known to have a colon and to end in CRLF (RFC 9112 §5.1).
 * @returns names and values in turn, values without the spaces around them.
 */
export function readFields(lines: string): string[] {
  const fields: string[] = [];
  for (let at = 0; at < lines.length; ) {
    const colon = lines.indexOf(':', at);
    const end = lines.indexOf('\r\n', colon);
    let [from, to] = [colon + 1, end];
    while (from < to && lines.charCodeAt(from) === SPACE) from += 1;
    while (to > from && lines.charCodeAt(to - 1) === SPACE) to -= 1;
    fields.push(lines.slice(at, colon), lines.slice(from, to));
    at = end + 2;
  }
  return fields;
}

/** @returns whether the connection ends behind the answer; `undefined` when the request is not a plain one. */
function readConnection(rawHeaders: readonly string[]): boolean | undefined {
  let hosts = 0;
  let isLast = false;
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    switch (rawHeaders[index]?.toLowerCase()) {
      case 'host':
        hosts += 1;
        break;
      case 'connection': {
        const option = rawHeaders[index + 1]?.toLowerCase();
        if (option === 'close') isLast = true;
        else if (option !== 'keep-alive') return undefined;
        break;
      }
      case 'content-length':
      case 'expect':
      case 'te':
      case 'trailer':
      case 'transfer-encoding':
      case 'upgrade':
        return undefined;
    }
  }
  return hosts === 1 ? isLast : undefined;
}
