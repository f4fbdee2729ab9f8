import type { DeploymentSummary } from '@aws-sdk/client-appconfig';
import { type AppConfigHandles, ConflictError, parseFlagDocument, type StoredFlags } from '@crossfade/core';
import { z } from 'zod';
import { flagsHash } from '../polling/flags-hash.ts';
import type { AppConfigControlPlane, VersionSummary } from './appconfig-control-plane.ts';
import { isRunning } from './deployment.ts';
import { toFlagText } from './hosted-content.ts';

/** What a planned write expects to find unchanged. */
export interface ExpectedVersion {
  /** The environment's newest deployment, of any profile. */
  readonly deployment: number | null;
  /** The profile's newest hosted version, deployed or not. */
  readonly version: number | null;
}

/** The flags and deployments in AppConfig at one moment. */
export interface AppConfigState extends ExpectedVersion {
  /** The running deployment, of any profile, that blocks the environment for all others. */
  readonly running: number | null;
  /** The hosted version that is served, or was until `running` started. */
  readonly servedVersion: number | null;
  /** The profile's hosted versions, newest first. */
  readonly versions: readonly VersionSummary[];
  /** The content of that version; empty if nothing was ever deployed. */
  readonly content: string;
}

const EMPTY_CONTENT = '{"version":"1","flags":{},"values":{}}';
const expectedVersion = z.strictObject({ deployment: z.int().nullable(), version: z.int().nullable() });

export async function readState(plane: AppConfigControlPlane): Promise<AppConfigState> {
  const { newest, running, served } = await survey(plane);
  const servedVersion = served?.ConfigurationVersion === undefined ? null : Number(served.ConfigurationVersion);
  const versions = await plane.versions();
  return {
    deployment: newest?.DeploymentNumber ?? null,
    version: versions[0]?.number ?? null,
    versions,
    running: running?.DeploymentNumber ?? null,
    servedVersion,
    content: servedVersion === null ? EMPTY_CONTENT : (await plane.hostedVersion(servedVersion)).content,
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

export function toStoredFlags(
  { content, deployment, version }: AppConfigState,
  source: string,
  handles?: AppConfigHandles,
): StoredFlags {
  const text = toFlagText(content);
  const parsed = parseFlagDocument(text);
  return {
    text,
    version: JSON.stringify({ deployment, version } satisfies ExpectedVersion),
    source,
    ...(handles !== undefined && { handles }),
    ...(parsed.ok && { hash: flagsHash(parsed.document) }),
  };
}

/** @throws {@link ConflictError} when the version does not come from {@link toStoredFlags}. */
export function parseExpectedVersion(version: string): ExpectedVersion {
  try {
    return expectedVersion.parse(JSON.parse(version));
  } catch (cause) {
    throw new ConflictError('the flags to change were not read from AppConfig', { cause });
  }
}
