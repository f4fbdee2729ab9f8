import { bucketOf, targetBuckets } from './bucket-of.ts';

/** The same in every process and every migration, so that each validator refuses the same clients. */
const SALT = 'brownout';

/** Returns the bucket of a client in brownouts, 0..9999: {@link bucketOf} with the salt `brownout`. */
export function brownoutBucket(clientId: string): number {
  return bucketOf(SALT, clientId);
}

/** Whether a brownout of this share concerns a client. A larger share keeps every client of a smaller one. */
export function isInBrownout(clientId: string, percent: number): boolean {
  return brownoutBucket(clientId) < targetBuckets(percent);
}
