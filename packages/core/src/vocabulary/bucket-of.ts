import { sha256 } from '@noble/hashes/sha2.js';
import { utf8ToBytes } from '@noble/hashes/utils.js';

/** The number of buckets: one per hundredth of a percent. */
export const BUCKETS = 10_000;

/**
 * Returns the bucket of a key, 0..9999: `floor(u * 10000 / 2^32)`, where `u` is the big-endian unsigned integer in the
 * first four bytes of SHA-256 over the UTF-8 text `salt:key`. Part of the public contract: every language computes the
 * same bucket; `bucketing.vectors.json` in `@crossfade/selector` has test vectors. Does not normalise or trim the key.
 */
export function bucketOf(salt: string, key: string): number {
  const digest = sha256(utf8ToBytes(`${salt}:${key}`));
  const head = new DataView(digest.buffer, digest.byteOffset, 4).getUint32(0);
  return Math.floor((head * BUCKETS) / 2 ** 32);
}

/**
 * Returns the number of buckets on the target side at a percentage: the buckets below it. Two decimals count, further
 * ones are cut off; values outside 0..100 are clamped.
 */
export function targetBuckets(percent: number): number {
  // In binary 1.1 * 100 is slightly above 110 and 0.29 * 100 slightly below 29; rounding must not move a key.
  const hundredths = Math.floor(percent * 100 + 1e-6);
  return Math.min(BUCKETS, Math.max(0, hundredths));
}
