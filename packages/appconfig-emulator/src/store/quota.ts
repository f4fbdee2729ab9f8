import { AwsError } from '../protocol/aws-error.ts';

/** @see https://docs.aws.amazon.com/general/latest/gr/appconfig.html */
const QUOTA = {
  applications: 100,
  'deployment strategies': 20,
  'configuration profiles': 100,
  environments: 20,
} as const;

/** The largest hosted configuration, in KiB. */
export const MAX_CONTENT_KIBIBYTES = 2048;

/** @throws {AwsError} ServiceQuotaExceededException when one more would exceed the quota. */
export function checkQuota(resource: keyof typeof QUOTA, count: number): void {
  if (count < QUOTA[resource]) return;
  throw new AwsError('ServiceQuotaExceededException', `at most ${QUOTA[resource]} ${resource}`);
}
