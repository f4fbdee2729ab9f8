import { readFields } from './simple-request.ts';

/** Reads a body in chunks (RFC 9112 §7.1), of a request or of a response; only where it ends, if that is all. */
export interface ChunkReader {
  /**
   * @param onData gets the data without the framing, piece by piece; valid as long as `bytes`.
   * @returns how many of the bytes belong to the body; `undefined` if they break a rule; none is tolerated.
   */
  read(bytes: Buffer, onData?: (data: Buffer) => void): number | undefined;
  /** At the end of the body: names and values of its trailer section in turn. */
  trailers(): readonly string[] | undefined;
  /** Of a trailer section that has not ended. */
  pendingBytes(): number;
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

/** Extensions of chunks are dropped, as RFC 9112 §7.1.1 allows. */
export function createChunkReader(): ChunkReader {
  let state: State = 'size';
  /** Of the chunk: the part read so far, then the part of its data still missing. */
  let size = 0;
  let hasSize = false;
  let extensions = '';
  let section = '';
  let trailers: readonly string[] | undefined;

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
  const readTrailers = (bytes: Buffer, at: number): number | undefined => {
    const readBytes = section.length;
    section += bytes.toString('latin1', at);
    const end = endOfSection(section);
    if ((end ?? section.length) > MAX_TRAILER_BYTES) return undefined;
    if (end === undefined) return bytes.length;
    const lines = TRAILERS.exec(section.slice(0, end))?.[1];
    if (lines === undefined) return undefined;
    trailers = readFields(lines);
    return at + end - readBytes;
  };

  return {
    read(bytes, onData) {
      for (let at = 0; at < bytes.length; ) {
        if (state === 'trailers') return readTrailers(bytes, at);
        if (state === 'data') {
          const end = Math.min(at + size, bytes.length);
          onData?.(bytes.subarray(at, end));
          size -= end - at;
          at = end;
          if (size === 0) state = 'data end';
        } else {
          if (!step(bytes[at] ?? 0)) return undefined;
          at += 1;
        }
      }
      return bytes.length;
    },
    trailers: () => trailers,
    pendingBytes: () => (trailers === undefined ? section.length : 0),
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
