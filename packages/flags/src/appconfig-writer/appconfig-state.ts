import type { DeploymentSummary } from '@aws-sdk/client-appconfig';
import { ConflictError, type StoredFlags } from '@crossfade/core';
import { z } from 'zod';
import type { AppConfigControlPlane } from './appconfig-control-plane.ts';
import { isRunning } from './deployment.ts';
import { toFlagText } from './hosted-content.ts';

/** What optimistic writes are based on. */
export interface Basis {
  /** The environment's newest deployment, of whatever profile. */
  readonly deployment: number | null;
  /** The profile's newest hosted version, deployed or not. */
  readonly version: number | null;
}

/** The flags as AppConfig holds them at one moment. */
export interface StandingFlags extends Basis {
  /** The deployment, of whatever profile, that holds the environment; nothing else can be deployed meanwhile. */
  readonly running: number | null;
  /** The hosted version that is served, or was until `running` began to replace it. */
  readonly servedVersion: number | null;
  /** That version as it is hosted; empty when nothing was ever deployed. */
  readonly content: string;
}

const NOTHING = '{"version":"1","flags":{},"values":{}}';
const basis = z.strictObject({ deployment: z.int().nullable(), version: z.int().nullable() });

export async function readStanding(plane: AppConfigControlPlane): Promise<StandingFlags> {
  const { newest, running, served } = await survey(plane);
  const servedVersion = served?.ConfigurationVersion === undefined ? null : Number(served.ConfigurationVersion);
  return {
    deployment: newest?.DeploymentNumber ?? null,
    version: await plane.newestVersion(),
    running: running?.DeploymentNumber ?? null,
    servedVersion,
    content: servedVersion === null ? NOTHING : (await plane.hostedVersion(servedVersion)).content,
  };
}

async function survey(plane: AppConfigControlPlane) {
  const { ConfigurationProfileId } = await plane.ids();
  let newest: DeploymentSummary | undefined;
  let running: DeploymentSummary | undefined;
  for await (const deployment of plane.deployments()) {
    newest ??= deployment;
    if (isRunning(deployment)) running ??= deployment;
    const isServed = deployment.State === 'COMPLETE' && deployment.ConfigurationProfileId === ConfigurationProfileId;
    if (isServed) return { newest, running, served: deployment };
  }
  return { newest, running, served: undefined };
}

export function toStoredFlags({ content, deployment, version }: StandingFlags): StoredFlags {
  return { text: toFlagText(content), version: JSON.stringify({ deployment, version } satisfies Basis) };
}

/** @throws {@link ConflictError} when the version is not one that {@link toStoredFlags} gave out. */
export function parseBasis(version: string): Basis {
  try {
    return basis.parse(JSON.parse(version));
  } catch (cause) {
    throw new ConflictError('the flags to be changed were not read from AppConfig', { cause });
  }
}
