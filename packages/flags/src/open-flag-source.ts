import type { Clock, FlagSource, FlagsPlan } from '@crossfade/core';
import { loadFor } from './import-peer.ts';
import type { PolledFlagSource } from './polling/polled-source.ts';

/** How a flag source is opened; everything has a default. */
export interface OpenFlagSourceOptions {
  /**
   * Folder for a copy of the last good document, so that a restart without network keeps the switch positions.
   * Several processes may share it. A file source needs none and makes none. Default: no copy.
   */
  readonly keepIn?: string;
  /** Default: `Date.now`. */
  readonly now?: Clock;
}

/**
 * Opens the flag source that the plan names. Resolves once the first look at the store has ended, well or badly, and
 * never rejects because a store can't be reached: the snapshot then says what is wrong.
 * @throws {@link ConfigError} when the AWS SDK client that the source needs is not installed.
 * @example
 * const flags = await openFlagSource(plan.flags);
 * const acceptance = acceptanceSwitch(flags);
 */
export async function openFlagSource(plan: FlagsPlan, options: OpenFlagSourceOptions = {}): Promise<FlagSource> {
  const source = await create(plan, options);
  await source.firstLook;
  return source;
}

async function create(plan: FlagsPlan, { now, keepIn }: OpenFlagSourceOptions): Promise<PolledFlagSource> {
  const clock = now === undefined ? {} : { now };
  if (plan.source === 'file')
    return (await import('./file/file-source.ts')).createFileSource({ path: plan.path, ...clock });
  const remote = { ...plan, ...clock, ...(keepIn !== undefined && { keepIn }) };
  if (remote.source === 'agent') return (await import('./agent/agent-source.ts')).createAgentSource(remote);
  const module = await loadFor('@aws-sdk/client-appconfigdata', () => import('./appconfig/appconfig-source.ts'));
  return module.createAppConfigSource(remote);
}
