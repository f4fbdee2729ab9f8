import { createChunkReader } from './chunk-reader.ts';

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

/** A body in chunks (RFC 9112 §7.1). */
export function chunkedBody(): ResponseBody {
  const reader = createChunkReader();
  return {
    read(bytes) {
      const pieces: Buffer[] = [];
      const end = reader.read(bytes, (piece) => pieces.push(piece));
      if (end === undefined) return undefined;
      const [only = bytes.subarray(0, 0)] = pieces;
      const data = pieces.length > 1 ? Buffer.concat(pieces) : only;
      return { data, trailers: reader.trailers(), isMore: end < bytes.length };
    },
  };
}
