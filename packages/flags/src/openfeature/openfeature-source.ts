import { ACCEPT_LEGACY_FLAG, type Clock, ISSUE_TARGET_FLAG } from '@crossfade/core';
import { type Client, ProviderEvents, ProviderStatus } from '@openfeature/server-sdk';
import { createDiskCache, type DiskCache } from '../disk-cache/disk-cache.ts';
import { checkOptions } from '../polling/check-options.ts';
import type { PollResult } from '../polling/last-good.ts';
import { createPolledSource, type PolledFlagSource } from '../polling/polled-source.ts';
import { withTimeout } from '../polling/timeout.ts';
import { type EvaluationClient, EvaluationError, evaluateFeature, evaluateSwitch } from './openfeature-evaluation.ts';

export interface OpenFeatureSourceOptions {
  /** A client of OpenFeature's server SDK. Its context must give every process the same values: the switches are global. */
  readonly client: EvaluationClient & Pick<Client, 'addHandler' | 'metadata' | 'providerStatus' | 'removeHandler'>;
  /** Names of feature flags to read with the switches: OpenFeature cannot list flags. Default: none. */
  readonly features?: readonly string[];
  /** How often to evaluate the flags without an event, in ms. Default: 15 s. */
  readonly pollIntervalMs?: number;
  /** Timeout of one evaluation of all flags, in ms. Default: 3 s. */
  readonly timeoutMs?: number;
  /**
   * Directory that caches the last good document, so that a restart without network keeps the switch positions. Created
   * if missing; migrations and processes may share it. Default: no cache.
   */
  readonly cacheDirectory?: string;
  /** The migration these flags belong to. Required with `cacheDirectory`: OpenFeature does not identify the store. */
  readonly migration?: string;
  /** Default: `Date.now`. */
  readonly now?: Clock;
}

const EVENTS = [
  ProviderEvents.ConfigurationChanged,
  ProviderEvents.Ready,
  ProviderEvents.Stale,
  ProviderEvents.Error,
] as const;

/**
 * A flag source on any OpenFeature client. Evaluates `issue-target` and `accept-legacy` at each event of the provider
 * and at each interval, never during a request. While the provider has neither switch, is stale or in error, or fails to
 * evaluate one of the flags, it keeps the last good document and reports the problem.
 * @throws {@link ConfigError} when an option is wrong.
 * @see https://openfeature.dev/specification/sections/flag-evaluation
 * @example
 * const flags = createOpenFeatureSource({ client: OpenFeature.getClient(), features: ['new-dashboard-beta'] });
 */
export function createOpenFeatureSource(options: OpenFeatureSourceOptions): PolledFlagSource {
  checkOptions('OpenFeature source', options.cacheDirectory === undefined ? options : { migration: '', ...options });
  const { client, features = [], pollIntervalMs = 15_000, timeoutMs = 3000, now = Date.now } = options;
  const watching = new AbortController();
  const cache = cacheFor(options, now);
  let hasRead = false;

  async function evaluate(signal: AbortSignal): Promise<PollResult> {
    const { providerStatus } = client;
    const isUnreliable = providerStatus === ProviderStatus.STALE || providerStatus === ProviderStatus.ERROR;
    // Values of an unreliable provider are better than none, and worse than those read while it was healthy.
    if (isUnreliable && hasRead) return failed(`is ${providerStatus === ProviderStatus.STALE ? 'stale' : 'in error'}`);
    try {
      const text = await withTimeout(timeoutMs, signal, () => evaluateDocument(client, features));
      if (text === undefined) return failed(`has neither ${ISSUE_TARGET_FLAG} nor ${ACCEPT_LEGACY_FLAG}`);
      hasRead = true;
      return { kind: 'document', text, version: null };
    } catch (error) {
      return failed(describe(error));
    }
  }

  return createPolledSource({
    store: {
      poll: async (signal) => ({
        result: await evaluate(signal),
        intervalMs: pollIntervalMs,
        nextPollMs: pollIntervalMs,
      }),
      watch(pollSoon) {
        let isRegistered = false;
        // addHandler runs the handler at once for the current state, but the first poll is already under way.
        const handler = () => {
          if (isRegistered) pollSoon();
        };
        for (const event of EVENTS) client.addHandler(event, handler);
        isRegistered = true;
        watching.signal.addEventListener('abort', () => {
          for (const event of EVENTS) client.removeHandler(event, handler);
        });
      },
      close: () => watching.abort(),
    },
    intervalMs: pollIntervalMs,
    source: 'openfeature',
    now,
    cache: cache && {
      ...cache,
      async load() {
        const loaded = await cache.load();
        hasRead = loaded.kind === 'flags';
        return loaded;
      },
    },
  });
}

function cacheFor({ cacheDirectory, migration, client }: OpenFeatureSourceOptions, now: Clock): DiskCache | undefined {
  if (cacheDirectory === undefined) return undefined;
  return createDiskCache(cacheDirectory, { source: 'openfeature', migration, domain: client.metadata.domain }, now);
}

async function evaluateDocument(client: EvaluationClient, features: readonly string[]): Promise<string | undefined> {
  const [issueTarget, acceptLegacy, ...others] = await Promise.all([
    evaluateSwitch(client, ISSUE_TARGET_FLAG),
    evaluateSwitch(client, ACCEPT_LEGACY_FLAG),
    ...features.map((name) => evaluateFeature(client, name)),
  ]);
  if (issueTarget === undefined && acceptLegacy === undefined) return undefined;
  const entries = features.map((name, index) => [name, others[index]] as const);
  // The switches last: a feature must not override them.
  return JSON.stringify({
    ...Object.fromEntries(entries),
    [ISSUE_TARGET_FLAG]: issueTarget,
    [ACCEPT_LEGACY_FLAG]: acceptLegacy,
  });
}

function describe(error: unknown): string {
  if (error instanceof EvaluationError) return error.message;
  if (error instanceof Error && error.name === 'TimeoutError') return 'did not respond in time';
  return 'threw an error that is not an OpenFeature error';
}

function failed(what: string): PollResult {
  return { kind: 'failed', problem: `the OpenFeature provider ${what}` };
}
