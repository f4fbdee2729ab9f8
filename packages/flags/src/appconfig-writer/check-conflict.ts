import { ConflictError } from '@crossfade/core';
import type { AppConfigControlPlane } from './appconfig-control-plane.ts';
import { type AppConfigState, type ExpectedVersion, readState } from './appconfig-state.ts';
import { describeDeployment } from './deployment.ts';

/** @throws {@link ConflictError} when the state is not the expected one; names the deployment or version that differs. */
export async function checkConflict(
  plane: AppConfigControlPlane,
  { running, deployment, version }: AppConfigState,
  expected: ExpectedVersion,
): Promise<void> {
  if (running !== null) throw new ConflictError(`${await describeDeployment(plane, running)} blocks the environment`);
  if (deployment !== expected.deployment && deployment !== null) {
    throw new ConflictError(`${await describeDeployment(plane, deployment)} was started after the flags had been read`);
  }
  if (version === expected.version) return;
  const change = version === null ? 'deleted every version' : `stored ${await describeVersion(plane, version)}`;
  throw new ConflictError(`another writer ${change} after the flags had been read`);
}

/**
 * Runs a call under one of AppConfig's optimistic locks. AppConfig reports a conflict, but not with what.
 * @throws {@link ConflictError} that names the conflicting deployment or version, if it can be found.
 */
export async function nameConflict<T>(
  plane: AppConfigControlPlane,
  expected: ExpectedVersion,
  call: () => Promise<T>,
): Promise<T> {
  try {
    return await call();
  } catch (error) {
    if (!(error instanceof ConflictError)) throw error;
    const state = await readState(plane).catch(() => undefined);
    if (state !== undefined) await checkConflict(plane, state, expected);
    throw error;
  }
}

async function describeVersion(plane: AppConfigControlPlane, number: number): Promise<string> {
  const { description } = await plane.hostedVersion(number);
  return description === undefined ? `version ${number}` : `version ${number} ("${description}")`;
}
