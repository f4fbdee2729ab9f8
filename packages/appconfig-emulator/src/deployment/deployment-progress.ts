import { growthSteps } from '../store/growth.ts';
import type { Deployment, DeploymentStop, Environment, HostedVersion, TriggeredBy } from '../store/store.ts';

type DeploymentState = 'DEPLOYING' | 'BAKING' | 'COMPLETE' | 'ROLLING_BACK' | 'ROLLED_BACK' | 'REVERTED';

interface DeploymentEvent {
  readonly type: string;
  readonly triggeredBy: TriggeredBy;
  readonly description: string;
  readonly atMs: number;
}

export interface DeploymentProgress {
  readonly state: DeploymentState;
  /** The share of clients that get the deployed version, 0..100. */
  readonly percentage: number;
  readonly completedAtMs: number | null;
  /** Newest first. */
  readonly events: readonly DeploymentEvent[];
}

const MINUTE_MS = 60_000;

/** Derives the state of a deployment at `nowMs`. */
export function deploymentProgress(deployment: Deployment, nowMs: number): DeploymentProgress {
  const { stop } = deployment;
  const untilMs = stop === null ? nowMs : stop.atMs;
  const events = growthEvents(deployment, untilMs);
  if (stop !== null) {
    const final = { state: stop.outcome, percentage: 0, completedAtMs: stop.atMs };
    return { ...final, events: [...stopEvents(stop), ...events.reverse()] };
  }
  const completeAtMs = bakeStart(deployment) + deployment.bakeMinutes * MINUTE_MS;
  const state = nowMs >= completeAtMs ? 'COMPLETE' : nowMs >= bakeStart(deployment) ? 'BAKING' : 'DEPLOYING';
  const completedAtMs = state === 'COMPLETE' ? completeAtMs : null;
  return { state, percentage: percentageAt(deployment, nowMs), completedAtMs, events: events.reverse() };
}

/** Whether a deployment is in progress, so that its environment accepts no other. */
export function isInProgress(deployment: Deployment, nowMs: number): boolean {
  const { state } = deploymentProgress(deployment, nowMs);
  return state === 'DEPLOYING' || state === 'BAKING';
}

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

function bakeStart(deployment: Deployment): number {
  return deployment.startedAtMs + deployment.durationMinutes * MINUTE_MS;
}

function percentageAt(deployment: Deployment, nowMs: number): number {
  const reached = growthSteps(deployment).filter(({ afterMs }) => deployment.startedAtMs + afterMs <= nowMs);
  return reached.at(-1)?.percentage ?? 0;
}

function growthEvents(deployment: Deployment, untilMs: number): DeploymentEvent[] {
  const { startedAtMs, bakeMinutes } = deployment;
  const bakeAtMs = bakeStart(deployment);
  const planned: DeploymentEvent[] = [
    { type: 'DEPLOYMENT_STARTED', triggeredBy: 'USER', description: 'Deployment started', atMs: startedAtMs },
    ...growthSteps(deployment).map(({ percentage, afterMs }) =>
      byAppConfig(
        'PERCENTAGE_UPDATED',
        `Configuration available to ${percentage.toFixed(2)}% of clients`,
        startedAtMs + afterMs,
      ),
    ),
    byAppConfig('BAKE_TIME_STARTED', 'Deployment bake time started', bakeAtMs),
    byAppConfig('DEPLOYMENT_COMPLETED', 'Deployment completed', bakeAtMs + bakeMinutes * MINUTE_MS),
  ];
  return planned.filter(({ atMs }) => atMs <= untilMs);
}

function stopEvents({ atMs, triggeredBy, outcome }: DeploymentStop): DeploymentEvent[] {
  if (outcome === 'REVERTED')
    return [{ type: 'REVERT_COMPLETED', triggeredBy, description: 'Deployment reverted', atMs }];
  return [
    byAppConfig('ROLLBACK_COMPLETED', 'Deployment rolled back', atMs),
    { type: 'ROLLBACK_STARTED', triggeredBy, description: 'Deployment rollback started', atMs },
  ];
}

function byAppConfig(type: string, description: string, atMs: number): DeploymentEvent {
  return { type, triggeredBy: 'APPCONFIG', description, atMs };
}
