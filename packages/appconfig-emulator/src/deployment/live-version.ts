import type { HostedVersion } from '../store/hosted-version.ts';
import type { Environment } from '../store/store.ts';
import { deploymentProgress } from './deployment.ts';

/**
 * The version of a profile that a client of an environment gets: that of the newest deployment which has reached it and
 * was neither rolled back nor reverted.
 * @param bucket the client's place, 0 <= bucket < 100: a deployment at n % has reached the clients below n.
 */
export function liveVersion(
  environment: Environment,
  profileId: string,
  bucket: number,
  nowMs: number,
): HostedVersion | undefined {
  return environment.deployments
    .filter((deployment) => deployment.profileId === profileId)
    .findLast((deployment) => bucket < deploymentProgress(deployment, nowMs).percentage)?.version;
}
