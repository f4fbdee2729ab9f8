import { ConfigError, ConflictError, CrossfadeError, UnavailableError } from '@crossfade/core';
import { describeFailure, isCredentialsFailure, isRegionMissing, statusOf } from '../appconfig/aws-failure.ts';

const REFUSALS: ReadonlySet<number | undefined> = new Set([400, 402, 403, 404, 413]);
const MAX_REASON_LENGTH = 300;
const LOG_IN =
  'log in (aws sso login, aws configure, or AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN), and check with: aws sts get-caller-identity';

/**
 * Runs a call to AppConfig's control plane and maps its failure to one of core's errors.
 * @throws {@link ConflictError} when another writer is changing the same flags.
 * @throws {@link ConfigError} when AWS refuses the request (a permission, a quota, a flag's constraints) or no region is
 * configured.
 * @throws {@link UnavailableError} in every other case: also for credentials that are missing or expired, with how to log in.
 */
export async function callControlPlane<T>(action: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    if (error instanceof CrossfadeError) throw error;
    if (isRegionMissing(error)) {
      const message = 'is required: the AWS SDK found none in AWS_REGION or a profile; set one of the three';
      throw new ConfigError('plan', [{ path: 'flags.region', message }]);
    }
    const status = statusOf(error);
    const message = `AppConfig did not ${action} (${describeFailure(error)})`;
    if (isCredentialsFailure(error))
      throw new UnavailableError(`${message}: the AWS credentials are missing or expired: ${LOG_IN}`, { cause: error });
    if (status === 409) throw new ConflictError(`${message}: ${reasonOf(error)}`, { cause: error });
    if (REFUSALS.has(status)) throw new ConfigError('flags', [{ path: '', message: `${message}: ${reasonOf(error)}` }]);
    throw new UnavailableError(message, { cause: error });
  }
}

/** AWS's own message: it names the principal, the permission, the quota or the constraint. */
function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message.slice(0, MAX_REASON_LENGTH) : 'no reason given';
}
