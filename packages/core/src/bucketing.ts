export { brownoutBucket, isInBrownout } from './vocabulary/brownout-bucket.ts';
export { BUCKETS, bucketOf, targetBuckets } from './vocabulary/bucket-of.ts';
