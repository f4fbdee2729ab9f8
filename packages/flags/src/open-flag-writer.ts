import { type Clock, ConfigError, type FlagsPlan, type FlagWriter } from '@crossfade/core';
import { importPeer, refuseSource } from './import-peer.ts';

/** Options of {@link openFlagWriter}, all optional. */
export interface OpenFlagWriterOptions {
  /** Default: `Date.now`. */
  readonly now?: Clock;
}

/**
 * Opens the writer of the store that the plan names. Does not connect yet.
 * @throws {@link ConfigError} when the plan's source cannot write (an AppConfig Agent only reads), or when the AWS SDK
 * client that the writer needs is not installed.
 */
export async function openFlagWriter(plan: FlagsPlan, options: OpenFlagWriterOptions = {}): Promise<FlagWriter> {
  const clock = options.now === undefined ? {} : { now: options.now };
  if (plan.source === 'file')
    return (await import('./file/file-writer.ts')).createFileWriter({ path: plan.path, ...clock });
  if (plan.source === 'agent') {
    const message = 'an AppConfig Agent only reads: use a plan with source appconfig for the same location';
    throw new ConfigError('plan', [{ path: 'flags.source', message }]);
  }
  if (plan.source !== 'appconfig') return refuseSource(String((plan as { readonly source: unknown }).source));
  const module = await importPeer('@aws-sdk/client-appconfig', () => import('./appconfig-writer/appconfig-writer.ts'));
  return module.createAppConfigWriter({ ...plan, ...clock });
}
