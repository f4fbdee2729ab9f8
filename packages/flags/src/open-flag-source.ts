import type { Clock, FlagSource, FlagsPlan } from '@crossfade/core';
import { importPeer, refuseSource } from './import-peer.ts';
import { checkOptions } from './polling/check-options.ts';
import type { PolledFlagSource } from './polling/polled-source.ts';

/** Options of {@link openFlagSource}, all optional. */
export interface OpenFlagSourceOptions {
  /**
   * Directory that caches the last good document, so that a restart without network keeps the switch positions.
   * Processes may share it. A file source ignores it. Default: no cache.
   */
  readonly cacheDirectory?: string;
  /** Default: `Date.now`. */
  readonly now?: Clock;
}

/**
 * Opens the flag source that the plan names. Resolves once the first poll has ended. An unreachable store does not
 * reject: the snapshot reports the problem.
 * @throws {@link ConfigError} when the source is not known, or the AWS SDK client that it needs is not installed.
 * @example
 * const flags = await openFlagSource(plan.flags);
 * const acceptance = acceptanceSwitch(flags);
 */
export async function openFlagSource(plan: FlagsPlan, options: OpenFlagSourceOptions = {}): Promise<FlagSource> {
  checkOptions('flag source', options);
  const source = await create(plan, options);
  await source.firstPoll;
  return source;
}

async function create(plan: FlagsPlan, { now, cacheDirectory }: OpenFlagSourceOptions): Promise<PolledFlagSource> {
  const clock = now === undefined ? {} : { now };
  if (plan.source === 'file')
    return (await import('./file/file-source.ts')).createFileSource({ path: plan.path, ...clock });
  const remote = { ...plan, ...clock, ...(cacheDirectory !== undefined && { cacheDirectory }) };
  if (remote.source === 'agent') return (await import('./agent/agent-source.ts')).createAgentSource(remote);
  if (remote.source !== 'appconfig') return refuseSource(String((plan as { readonly source: unknown }).source));
  const module = await importPeer('@aws-sdk/client-appconfigdata', () => import('./appconfig/appconfig-source.ts'));
  return module.createAppConfigSource(remote);
}
