import { endOfHead, isMalformed } from './simple-request.ts';

/** What has arrived of a request whose header section comes in pieces. */
export interface UnfinishedHead {
  append(piece: Buffer): void;
  bytes(): Buffer;
  /** Of the header section, if it is complete. */
  end(): number | undefined;
  /** Whether no more bytes can make it a header section; as far as is known without reading it. */
  isMalformed(): boolean;
  /** What it takes in memory. */
  capacity(): number;
}

const SMALLEST_BYTES = 1_024;

/**
 * However small the pieces are, each byte is copied and looked at a few times only, and no piece is kept.
 * @param first the first piece, which is not malformed.
 */
export function createUnfinishedHead(first: Buffer): UnfinishedHead {
  let buffer = first;
  let length = first.length;
  let end = endOfHead(first, 0);
  let isBad = false;
  return {
    append(piece) {
      const from = length;
      length += piece.length;
      if (length > buffer.length) {
        const larger = Buffer.allocUnsafeSlow(Math.max(SMALLEST_BYTES, 2 * buffer.length, length));
        buffer.copy(larger, 0, 0, from);
        buffer = larger;
      }
      piece.copy(buffer, from);
      end ??= endOfHead(buffer.subarray(0, length), from);
      isBad ||= end === undefined && isMalformed(buffer.subarray(0, length), from);
    },
    bytes: () => buffer.subarray(0, length),
    end: () => end,
    isMalformed: () => isBad,
    capacity: () => buffer.length,
  };
}
