import { readFields } from './simple-request.ts';

/** A part of a response's body. */
export interface BodyPart {
  /** Without any framing; valid as long as the bytes it was read from. */
  readonly data: Buffer;
  /** At the end of the body: names and values of its trailer section in turn. */
  readonly trailers: readonly string[] | undefined;
  /** There are bytes after the end. */
  readonly isMore: boolean;
}

/** Reads one response's body from the bytes after its header section. */
export interface ResponseBody {
  /** @returns `undefined` if the framing breaks a rule; none is tolerated. */
  read(bytes: Buffer): BodyPart | undefined;
}

const NONE: readonly string[] = [];

/** A body with a `Content-Length`. */
export function fixedLengthBody(length: number): ResponseBody {
  let missing = length;
  return {
    read(bytes) {
      const data = bytes.length > missing ? bytes.subarray(0, missing) : bytes;
      missing -= data.length;
      return { data, trailers: missing === 0 ? NONE : undefined, isMore: bytes.length > data.length };
    },
  };
}

/** What comes next. */
type State = 'size' | 'extensions' | 'size end' | 'data' | 'data end' | 'line feed' | 'trailers';

const [LF, CR, SEMICOLON] = [0x0a, 0x0d, 0x3b];
/** Reject chunks of 4 GiB and more. */
const MAX_SIZE = 0xffff_ffff;
const MAX_EXTENSION_BYTES = 1_024;
const EXTENSIONS =
  /^(?:;[!#$%&'*+.^_`|~0-9A-Za-z-]+(?:=(?:[!#$%&'*+.^_`|~0-9A-Za-z-]+|"(?:[\t\x20-\x21\x23-\x5b\x5d-\x7e\x80-\xff]|\\[\t\x20-\x7e\x80-\xff])*"))?)+$/;
const MAX_TRAILER_BYTES = 16_384;
const TRAILERS = /^((?:[!#$%&'*+.^_`|~0-9A-Za-z-]+:[\t\x20-\x7e\x80-\xff]*\r\n)*)\r\n$/;

/** A body in chunks (RFC 9112 §7.1). Their extensions are dropped, as §7.1.1 allows. */
export function chunkedBody(): ResponseBody {
  let state: State = 'size';
  /** Of the chunk: the part read so far, then the part of its data still missing. */
  let size = 0;
  let hasSize = false;
  let extensions = '';
  let section = '';

  /** Reads one byte of framing. @returns whether it is allowed there. */
  const step = (byte: number): boolean => {
    switch (state) {
      case 'size': {
        const digit = hexDigit(byte);
        if (digit !== undefined) {
          size = size * 16 + digit;
          hasSize = true;
          return size <= MAX_SIZE;
        }
        if (byte === SEMICOLON) {
          state = 'extensions';
          extensions = ';';
        } else state = 'size end';
        return hasSize && (byte === SEMICOLON || byte === CR);
      }
      case 'extensions':
        if (byte !== CR) extensions += String.fromCharCode(byte);
        else state = 'size end';
        return byte === CR ? EXTENSIONS.test(extensions) : extensions.length <= MAX_EXTENSION_BYTES;
      case 'size end':
        state = size === 0 ? 'trailers' : 'data';
        return byte === LF;
      case 'data end':
        state = 'line feed';
        return byte === CR;
      default:
        [state, hasSize] = ['size', false];
        return byte === LF;
    }
  };

  return {
    read(bytes) {
      const pieces: Buffer[] = [];
      const part = (trailers: readonly string[] | undefined, isMore: boolean): BodyPart => {
        const [only = bytes.subarray(0, 0)] = pieces;
        return { data: pieces.length > 1 ? Buffer.concat(pieces) : only, trailers, isMore };
      };
      for (let at = 0; at < bytes.length; ) {
        if (state === 'trailers') {
          section += bytes.toString('latin1', at);
          const end = endOfSection(section);
          if ((end ?? section.length) > MAX_TRAILER_BYTES) return undefined;
          if (end === undefined) return part(undefined, false);
          const lines = TRAILERS.exec(section.slice(0, end))?.[1];
          return lines === undefined ? undefined : part(readFields(lines), section.length > end);
        }
        if (state === 'data') {
          const data = bytes.subarray(at, at + size);
          pieces.push(data);
          at += data.length;
          size -= data.length;
          if (size === 0) state = 'data end';
        } else {
          if (!step(bytes[at] ?? 0)) return undefined;
          at += 1;
        }
      }
      return part(undefined, false);
    },
  };
}

/** Where the empty line after the trailers ends. */
function endOfSection(section: string): number | undefined {
  if (section.startsWith('\r\n')) return 2;
  const end = section.indexOf('\r\n\r\n');
  return end < 0 ? undefined : end + 4;
}

function hexDigit(byte: number): number | undefined {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const letter = (byte | 0x20) - 0x61;
  return letter >= 0 && letter < 6 ? letter + 10 : undefined;
}
