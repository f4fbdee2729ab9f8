import { setTimeout as delay } from 'node:timers/promises';
import type { DeploymentState } from '@aws-sdk/client-appconfig';
import { ConflictError, UnavailableError } from '@crossfade/core';
import type { AppConfigControlPlane } from './appconfig-control-plane.ts';

const FINAL_STATES: ReadonlySet<DeploymentState | undefined> = new Set(['COMPLETE', 'ROLLED_BACK', 'REVERTED']);
const PACE_MS = 250;
const MOST_LOOKS = 240;

/** A deployment holds its environment until it is final: baking and rolling back count as running. */
export function isRunning({ State }: { readonly State?: DeploymentState | undefined }): boolean {
  return !FINAL_STATES.has(State);
}

/** `deployment 8 (version 13 of crossfade, BAKING, started 2026-05-04T10:00:00.000Z: "…")`: names it for operators. */
export async function describeDeployment(plane: AppConfigControlPlane, number: number): Promise<string> {
  const { ConfigurationVersion, ConfigurationName, State, StartedAt, Description } = await plane.deployment(number);
  const started = StartedAt === undefined ? '' : `, started ${StartedAt.toISOString()}`;
  const note = Description ? `: "${Description}"` : '';
  return `deployment ${number} (version ${ConfigurationVersion} of ${ConfigurationName}, ${State}${started}${note})`;
}

/**
 * Waits until a deployment is final.
 * @returns its final state.
 * @throws {@link UnavailableError} when it is still running after a minute.
 */
export async function awaitFinal(plane: AppConfigControlPlane, number: number): Promise<DeploymentState | undefined> {
  for (let looks = 1; ; looks += 1) {
    const deployment = await plane.deployment(number);
    if (!isRunning(deployment)) return deployment.State;
    if (looks === MOST_LOOKS) throw new UnavailableError(`${await describeDeployment(plane, number)} does not end`);
    await delay(PACE_MS);
  }
}

/**
 * Waits until a deployment serves its version to everybody.
 * @throws {@link ConflictError} when somebody, or an alarm, rolls it back instead.
 */
export async function awaitComplete(plane: AppConfigControlPlane, number: number): Promise<void> {
  if ((await awaitFinal(plane, number)) === 'COMPLETE') return;
  const { EventLog = [] } = await plane.deployment(number);
  const cause = EventLog.find(({ EventType }) => EventType === 'ROLLBACK_STARTED' || EventType === 'REVERT_COMPLETED');
  const by = cause?.TriggeredBy === undefined ? '' : ` by ${cause.TriggeredBy}`;
  throw new ConflictError(`${await describeDeployment(plane, number)} was rolled back${by}`);
}
