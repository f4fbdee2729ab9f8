import { sha256 } from '@noble/hashes/sha2.js';
import { utf8ToBytes } from '@noble/hashes/utils.js';

/** How many buckets there are: one a hundredth of a percent. */
export const BUCKETS = 10_000;

/**
 * The bucket of a key, 0..9999: the first four bytes of SHA-256 over the UTF-8 text `salt:key`, read as a big-endian
 * unsigned integer `u`, give `floor(u * 10000 / 2^32)`. Part of the public contract: every language gets the same
 * bucket, and `bucketing.vectors.json` in this package proves it. Does not normalise or trim the key.
 */
export function bucketOf(salt: string, key: string): number {
  const digest = sha256(utf8ToBytes(`${salt}:${key}`));
  const head = new DataView(digest.buffer, digest.byteOffset, 4).getUint32(0);
  return Math.floor((head * BUCKETS) / 2 ** 32);
}

/**
 * How many buckets get the target side at a percentage: the buckets below this number. Two decimals count, further
 * ones are cut off; what lies outside 0..100 is taken to the nearer end.
 */
export function targetBuckets(percent: number): number {
  // 1.1 * 100 is a hair above 110 in binary and 0.29 * 100 a hair below 29; neither hair may move a key.
  const hundredths = Math.floor(percent * 100 + 1e-6);
  return Math.min(BUCKETS, Math.max(0, hundredths));
}
