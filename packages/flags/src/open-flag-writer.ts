import { type Clock, ConfigError, type FlagsPlan, type FlagWriter } from '@crossfade/core';

/** How a flag writer is opened; everything has a default. */
export interface OpenFlagWriterOptions {
  /** Default: `Date.now`. */
  readonly now?: Clock;
}

/**
 * Opens the writer of the store that the plan names. Reaches for nothing yet.
 * @throws {@link ConfigError} when nothing can be written through the plan's source (an AppConfig Agent only reads),
 * or the AWS SDK that the writer needs is not installed.
 */
export async function openFlagWriter(plan: FlagsPlan, _options: OpenFlagWriterOptions = {}): Promise<FlagWriter> {
  throw new ConfigError('flags', [{ path: 'flags.source', message: `${plan.source} is not built yet` }]);
}
