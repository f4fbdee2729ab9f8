import { createHash } from 'node:crypto';
import { canonicalFlags, type FlagDocument } from '@crossfade/core';

const LENGTH = 12;

/** Returns the first 12 hex digits of SHA-256 over Crossfade's own flags, the same however a store spells them. */
export function flagsHash(document: FlagDocument): string {
  return createHash('sha256').update(canonicalFlags(document)).digest('hex').slice(0, LENGTH);
}
