import type { IncomingMessage } from 'node:http';
import { createChunkReader } from './chunk-reader.ts';

/** Finds where the body of a request ends. */
export interface LentBody {
  /** @returns how many of the bytes belong to it; `undefined` if its framing breaks a rule. */
  read(bytes: Buffer): number | undefined;
  isComplete(): boolean;
  /** Of a trailer section that has not ended. */
  pendingBytes(): number;
}

/** @param request as the HTTP server has read it: its framing is the one that counts. */
export function lentBodyOf({ headers }: IncomingMessage): LentBody {
  if (headers['transfer-encoding'] === undefined) return bodyOfLength(Number(headers['content-length'] ?? 0));
  const reader = createChunkReader();
  return { ...reader, isComplete: () => reader.trailers() !== undefined };
}

function bodyOfLength(length: number): LentBody {
  let missing = length;
  return {
    read(bytes) {
      const taken = Math.min(missing, bytes.length);
      missing -= taken;
      return taken;
    },
    isComplete: () => missing === 0,
    pendingBytes: () => 0,
  };
}
