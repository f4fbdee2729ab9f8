import { type Clock, ConfigError, type FlagSource, type FlagsPlan } from '@crossfade/core';

/** How a flag source is opened; everything has a default. */
export interface OpenFlagSourceOptions {
  /** Default: `Date.now`. */
  readonly now?: Clock;
}

/**
 * Opens the flag source that the plan names. Resolves once the first look at the store has ended, well or badly, and
 * never rejects because a store can't be reached: the snapshot then says what is wrong.
 * @throws {@link ConfigError} when the AWS SDK that the source needs is not installed.
 */
export async function openFlagSource(plan: FlagsPlan, _options: OpenFlagSourceOptions = {}): Promise<FlagSource> {
  throw new ConfigError('flags', [{ path: 'flags.source', message: `${plan.source} is not built yet` }]);
}
