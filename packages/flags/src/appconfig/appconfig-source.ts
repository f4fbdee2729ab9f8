import type { AppConfigDataClientConfig } from '@aws-sdk/client-appconfigdata';
import type { AppConfigLocation, Clock } from '@crossfade/core';
import { createKeptCopy, type KeptCopy } from '../disk-cache/disk-cache.ts';
import { checkOptions } from '../polling/check-options.ts';
import { createPolledSource, type PolledFlagSource } from '../polling/polled-source.ts';
import { createAppConfigDataPlane } from './appconfig-data-plane.ts';
import { createAppConfigSession } from './appconfig-session.ts';

export interface AppConfigSourceOptions extends AppConfigLocation {
  /** The pace asked for, in ms. Default: 15 s, the least that AWS grants. The pace AppConfig answers with is obeyed. */
  readonly pollIntervalMs?: number;
  /** Default: as the AWS SDK finds it. */
  readonly region?: string;
  /** Default: AWS. A loopback endpoint gets placeholder credentials. */
  readonly endpoint?: string;
  /** How long one call may take, in ms, finding credentials included. Default: 5 s. */
  readonly timeoutMs?: number;
  /** Further settings of the SDK client, such as `credentials`. The number of attempts stays 1. */
  readonly clientConfig?: AppConfigDataClientConfig;
  /**
   * Folder for a copy of the last good document, so that a restart without network keeps the switch positions. Made when
   * missing; several locations, and several processes, may share it. Default: no copy.
   */
  readonly keepIn?: string;
  /** Default: `Date.now`. */
  readonly now?: Clock;
  /** 0 to 1, spreads retries of a fleet. Default: `Math.random`. */
  readonly random?: () => number;
}

/**
 * A flag source on AWS AppConfig's data plane. Needs `appconfig:StartConfigurationSession` and
 * `appconfig:GetLatestConfiguration`. Does not evaluate multi-variant flags: a document that uses them for a switch is
 * refused, and the last good one stays.
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
    store: { look: session.look, close: plane.close },
    intervalMs: pollIntervalMs,
    now,
    copy: copyOf(options, now),
  });
}

function copyOf(options: AppConfigSourceOptions, now: Clock): KeptCopy | undefined {
  const { keepIn, region, endpoint, application, environment, profile } = options;
  return keepIn === undefined
    ? undefined
    : createKeptCopy(keepIn, { source: 'appconfig', region, endpoint, application, environment, profile }, now);
}
