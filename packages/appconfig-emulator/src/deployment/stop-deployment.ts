import { AwsError } from '../protocol/aws-error.ts';
import type { Deployment, DeploymentStop, Environment, TriggeredBy } from '../store/store.ts';
import { deploymentProgress } from './deployment-progress.ts';

const REVERT_WINDOW_MS = 72 * 3_600_000;

export interface StopOptions {
  /** Whether a completed deployment may be reverted. */
  readonly allowRevert: boolean;
  readonly nowMs: number;
  readonly triggeredBy?: TriggeredBy;
}

/**
 * Rolls a deployment in progress back, or reverts a completed one to the version before it.
 * @throws {AwsError} BadRequestException when it has ended, or is complete and cannot be reverted.
 */
export function stopDeployment(
  environment: Environment,
  deployment: Deployment,
  options: StopOptions,
): DeploymentStop['outcome'] {
  const { allowRevert, nowMs, triggeredBy = 'USER' } = options;
  const { state, completedAtMs } = deploymentProgress(deployment, nowMs);
  if (state === 'COMPLETE') {
    const refusal = revertProblem(environment, deployment, nowMs - (completedAtMs ?? nowMs));
    if (!allowRevert) throw refused(deployment, 'is COMPLETE: set AllowRevert to revert it');
    if (refusal !== undefined) throw refused(deployment, refusal);
  } else if (state !== 'DEPLOYING' && state !== 'BAKING') {
    throw refused(deployment, `is ${state}`);
  }
  const outcome = state === 'COMPLETE' ? 'REVERTED' : 'ROLLED_BACK';
  deployment.stop = { atMs: nowMs, triggeredBy, outcome };
  return outcome;
}

function revertProblem({ deployments }: Environment, deployment: Deployment, ageMs: number): string | undefined {
  if (ageMs > REVERT_WINDOW_MS) return 'was completed more than 72 hours ago';
  const later = deployments.find(
    ({ number, profileId, stop }) => number > deployment.number && profileId === deployment.profileId && stop === null,
  );
  return later === undefined ? undefined : `is followed by deployment ${later.number} of the same profile`;
}

function refused({ number }: Deployment, reason: string): AwsError {
  return new AwsError('BadRequestException', `deployment ${number} ${reason}`);
}
