import { ConflictError } from '@crossfade/core';
import type { AppConfigControlPlane } from './appconfig-control-plane.ts';
import { type Basis, readStanding, type StandingFlags } from './appconfig-state.ts';
import { describeDeployment } from './deployment.ts';

/** @throws {@link ConflictError} that names the deployment or the version that is not in `basis`. */
export async function refuseConflict(
  plane: AppConfigControlPlane,
  { running, deployment, version }: StandingFlags,
  basis: Basis,
): Promise<void> {
  if (running !== null) throw new ConflictError(`${await describeDeployment(plane, running)} holds the environment`);
  if (deployment !== basis.deployment && deployment !== null) {
    throw new ConflictError(`${await describeDeployment(plane, deployment)} came in between`);
  }
  if (version === basis.version) return;
  const culprit = version === null ? 'deleted every version' : `stored ${await describeVersion(plane, version)}`;
  throw new ConflictError(`somebody else ${culprit} in between`);
}

/**
 * Runs a call under one of AppConfig's optimistic locks, which tells that somebody was faster, but not who.
 * @throws {@link ConflictError} that names who, when that can still be found out.
 */
export async function nameConflict<T>(plane: AppConfigControlPlane, basis: Basis, call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    if (!(error instanceof ConflictError)) throw error;
    const standing = await readStanding(plane).catch(() => undefined);
    if (standing !== undefined) await refuseConflict(plane, standing, basis);
    throw error;
  }
}

async function describeVersion(plane: AppConfigControlPlane, number: number): Promise<string> {
  const { description } = await plane.hostedVersion(number);
  return description === undefined ? `version ${number}` : `version ${number} ("${description}")`;
}
