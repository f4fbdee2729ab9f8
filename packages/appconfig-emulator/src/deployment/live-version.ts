import type { Environment, HostedVersion } from '../store/store.ts';
import { deploymentProgress } from './deployment-progress.ts';

/**
 * Returns the version of a profile that a client receives: that of the newest deployment that has reached the client
 * and was neither rolled back nor reverted.
 * @param bucket the client's position, 0 <= bucket < 100: a deployment at n % has reached the clients below n.
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
