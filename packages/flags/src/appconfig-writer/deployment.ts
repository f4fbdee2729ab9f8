import { setTimeout as delay } from 'node:timers/promises';
import type { DeploymentState } from '@aws-sdk/client-appconfig';
import { ConflictError, UnavailableError } from '@crossfade/core';
import type { AppConfigControlPlane } from './appconfig-control-plane.ts';
import { sentenceOf } from './move-description.ts';

/** AppConfig itself took a deployment back. It would do so with the next one, too: a retry does not help. */
export class TakenBackError extends UnavailableError {
  constructor(deployment: string) {
    super(
      `AppConfig took ${deployment} back, because a CloudWatch alarm of the environment is in ALARM, and it takes back every deployment until that alarm is OK: remove the monitor from the environment (aws appconfig update-environment --monitors []), or mend what the alarm watches, then run it again`,
    );
    this.name = new.target.name;
  }
}

const FINAL_STATES: ReadonlySet<DeploymentState | undefined> = new Set(['COMPLETE', 'ROLLED_BACK', 'REVERTED']);
const POLL_MS = 250;
const MAX_POLLS = 240;

/** Whether a deployment still blocks its environment: baking and rolling back count as running. */
export function isRunning({ State }: { readonly State?: DeploymentState | undefined }): boolean {
  return !FINAL_STATES.has(State);
}

/** Names a deployment for operators: `deployment 8 (version 13 of crossfade, BAKING, started 2026-05-04T10:00:00.000Z: "…")`. */
export async function describeDeployment(plane: AppConfigControlPlane, number: number): Promise<string> {
  const { ConfigurationVersion, ConfigurationName, State, StartedAt, Description } = await plane.deployment(number);
  const started = StartedAt === undefined ? '' : `, started ${StartedAt.toISOString()}`;
  const note = Description ? `: "${sentenceOf(Description)}"` : '';
  return `deployment ${number} (version ${ConfigurationVersion} of ${ConfigurationName}, ${State}${started}${note})`;
}

/**
 * Waits until a deployment is final, and returns its final state.
 * @throws {@link UnavailableError} when it is still running after a minute.
 */
export async function awaitFinal(plane: AppConfigControlPlane, number: number): Promise<DeploymentState | undefined> {
  for (let polls = 1; ; polls += 1) {
    const deployment = await plane.deployment(number);
    if (!isRunning(deployment)) return deployment.State;
    if (polls === MAX_POLLS)
      throw new UnavailableError(`${await describeDeployment(plane, number)} did not end within a minute`);
    await delay(POLL_MS);
  }
}

/**
 * Waits until a deployment serves its version to all clients.
 * @throws {@link ConflictError} when another operator rolls it back.
 * @throws {@link TakenBackError} when AppConfig does, because of an alarm.
 */
export async function awaitComplete(plane: AppConfigControlPlane, number: number): Promise<void> {
  if ((await awaitFinal(plane, number)) === 'COMPLETE') return;
  const { EventLog = [] } = await plane.deployment(number);
  const cause = EventLog.find(({ EventType }) => EventType === 'ROLLBACK_STARTED' || EventType === 'REVERT_COMPLETED');
  if (cause?.TriggeredBy === 'CLOUDWATCH_ALARM') throw new TakenBackError(await describeDeployment(plane, number));
  const by = cause?.TriggeredBy === undefined ? '' : ` by ${cause.TriggeredBy}`;
  throw new ConflictError(`${await describeDeployment(plane, number)} was rolled back${by}`);
}
