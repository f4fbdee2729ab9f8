import { AwsError } from '../protocol/aws-error.ts';
import type { Environment } from '../store/store.ts';
import { type Deployment, type DeploymentStop, deploymentProgress, type TriggeredBy } from './deployment.ts';

const REVERT_WINDOW_MS = 72 * 3_600_000;

export interface StopOptions {
  /** May a completed deployment be reverted? */
  readonly allowRevert: boolean;
  readonly nowMs: number;
  readonly triggeredBy?: TriggeredBy;
}

/**
 * Rolls a deployment in progress back, or reverts a completed one to the version before it.
 * @throws {AwsError} BadRequestException when it is over, or complete and not to be reverted.
 */
export function stopDeployment(
  environment: Environment,
  deployment: Deployment,
  options: StopOptions,
): DeploymentStop['outcome'] {
  const { allowRevert, nowMs, triggeredBy = 'USER' } = options;
  const { state, completedAtMs } = deploymentProgress(deployment, nowMs);
  if (state === 'COMPLETE') {
    const refusal = refusalToRevert(environment, deployment, nowMs - (completedAtMs ?? nowMs));
    if (!allowRevert) throw refused(deployment, 'is COMPLETE: to revert it takes AllowRevert');
    if (refusal !== undefined) throw refused(deployment, refusal);
  } else if (state !== 'DEPLOYING' && state !== 'BAKING') {
    throw refused(deployment, `is ${state}`);
  }
  const outcome = state === 'COMPLETE' ? 'REVERTED' : 'ROLLED_BACK';
  deployment.stop = { atMs: nowMs, triggeredBy, outcome };
  return outcome;
}

function refusalToRevert({ deployments }: Environment, deployment: Deployment, ageMs: number): string | undefined {
  if (ageMs > REVERT_WINDOW_MS) return 'was completed more than 72 hours ago';
  const later = deployments.find(
    ({ number, profileId, stop }) => number > deployment.number && profileId === deployment.profileId && stop === null,
  );
  return later === undefined ? undefined : `is followed by deployment ${later.number} of the same profile`;
}

function refused({ number }: Deployment, reason: string): AwsError {
  return new AwsError('BadRequestException', `deployment ${number} ${reason}`);
}
