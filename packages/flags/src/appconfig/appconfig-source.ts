import type { AppConfigDataClientConfig } from '@aws-sdk/client-appconfigdata';
import type { AppConfigLocation, Clock } from '@crossfade/core';
import { createDiskCache, type DiskCache } from '../disk-cache/disk-cache.ts';
import { checkOptions } from '../polling/check-options.ts';
import { createPolledSource, type PolledFlagSource } from '../polling/polled-source.ts';
import { appConfigName } from '../polling/store-name.ts';
import { createAppConfigDataPlane } from './appconfig-data-plane.ts';
import { createAppConfigSession } from './appconfig-session.ts';

export interface AppConfigSourceOptions extends AppConfigLocation {
  /** The requested poll interval, in ms; AppConfig decides. Default: 15 s, the shortest that AWS grants. */
  readonly pollIntervalMs?: number;
  /** Default: as the AWS SDK finds it. */
  readonly region?: string;
  /** Default: AWS. A loopback endpoint gets placeholder credentials. */
  readonly endpoint?: string;
  /** Timeout of one call, in ms, including the search for credentials. Default: 5 s. */
  readonly timeoutMs?: number;
  /** Further settings of the SDK client, such as `credentials`. The number of attempts stays 1. */
  readonly clientConfig?: AppConfigDataClientConfig;
  /**
   * Directory that caches the last good document, so that a restart without network keeps the switch positions. Created
   * if missing; locations and processes may share it. Default: no cache.
   */
  readonly cacheDirectory?: string;
  /** Default: `Date.now`. */
  readonly now?: Clock;
  /** Returns 0 to 1 and spreads the retries of a fleet. Default: `Math.random`. */
  readonly random?: () => number;
}

/**
 * A flag source on AWS AppConfig's data plane. Needs `appconfig:StartConfigurationSession` and
 * `appconfig:GetLatestConfiguration`. Does not evaluate multi-variant flags: it refuses a document that uses them for a
 * switch and keeps the last good one.
 * @throws {@link ConfigError} when an option is wrong.
 * @see https://docs.aws.amazon.com/appconfig/latest/userguide/retrieving-feature-flags.html
 * @example
 * const flags = createAppConfigSource({ application: 'orders', environment: 'prod', profile: 'crossfade' });
 */
export function createAppConfigSource(options: AppConfigSourceOptions): PolledFlagSource {
  checkOptions('AppConfig source', options);
  const { pollIntervalMs = 15_000, timeoutMs = 5000, now = Date.now, random = Math.random } = options;
  const plane = createAppConfigDataPlane({ ...options, pollIntervalMs, timeoutMs });
  const session = createAppConfigSession({ plane, pollIntervalMs, now, random });
  return createPolledSource({
    store: { poll: session.poll, close: plane.close },
    intervalMs: pollIntervalMs,
    now,
    source: appConfigName(options),
    cache: cacheFor(options, now),
  });
}

function cacheFor(options: AppConfigSourceOptions, now: Clock): DiskCache | undefined {
  const { cacheDirectory, region, endpoint, application, environment, profile } = options;
  return cacheDirectory === undefined
    ? undefined
    : createDiskCache(
        cacheDirectory,
        { source: 'appconfig', region, endpoint, application, environment, profile },
        now,
      );
}
