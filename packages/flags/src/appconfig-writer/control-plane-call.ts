import { ConfigError, ConflictError, CrossfadeError, UnavailableError } from '@crossfade/core';
import { describeFailure, isRegionMissing, statusOf } from '../appconfig/aws-failure.ts';

const REFUSALS: ReadonlySet<number | undefined> = new Set([400, 402, 403, 404, 413]);
const LONGEST_REASON = 300;

/**
 * Runs a call to AppConfig's control plane and says who must act when it fails.
 * @throws {@link ConflictError} when somebody else is changing the same flags.
 * @throws {@link ConfigError} when AWS refuses the request: a permission, a quota, a flag's own constraints; or no
 * region is known.
 * @throws {@link UnavailableError} in every other case.
 */
export async function callControlPlane<T>(action: string, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    if (error instanceof CrossfadeError) throw error;
    if (isRegionMissing(error)) {
      const message = 'is required: the AWS SDK finds none in AWS_REGION or a profile either';
      throw new ConfigError('plan', [{ path: 'flags.region', message }]);
    }
    const status = statusOf(error);
    const message = `AppConfig did not ${action} (${describeFailure(error)})`;
    if (status === 409) throw new ConflictError(`${message}: ${reasonOf(error)}`, { cause: error });
    if (REFUSALS.has(status)) throw new ConfigError('flags', [{ path: '', message: `${message}: ${reasonOf(error)}` }]);
    throw new UnavailableError(message, { cause: error });
  }
}

/** AWS's own words: they name the principal, the permission, the quota or the constraint. */
function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message.slice(0, LONGEST_REASON) : 'no reason given';
}
