import { ACCEPT_LEGACY_FLAG, type Clock, ISSUE_TARGET_FLAG } from '@crossfade/core';
import { type Client, ProviderEvents, ProviderStatus } from '@openfeature/server-sdk';
import { createKeptCopy, type KeptCopy } from '../disk-cache/disk-cache.ts';
import type { Finding } from '../disk-cache/last-good.ts';
import { withDeadline } from '../disk-cache/timeout.ts';
import { checkOptions } from '../polling/check-options.ts';
import { createPolledSource, type PolledFlagSource } from '../polling/polled-source.ts';
import { type EvaluationClient, EvaluationError, evaluateFeature, evaluateSwitch } from './openfeature-evaluation.ts';

export interface OpenFeatureSourceOptions {
  /** A client of OpenFeature's server SDK. Its context must make every process see the same: the switches are global. */
  readonly client: EvaluationClient & Pick<Client, 'addHandler' | 'metadata' | 'providerStatus' | 'removeHandler'>;
  /** Names of the feature flags to read beside the switches: OpenFeature can't list flags. Default: none. */
  readonly features?: readonly string[];
  /** How often the flags are evaluated without an event, in ms. Default: 15 s. */
  readonly pollIntervalMs?: number;
  /** How long one evaluation of them all may take, in ms. Default: 3 s. */
  readonly timeoutMs?: number;
  /**
   * Folder for a copy of the last good document, so that a restart without network keeps the switch positions. Made when
   * missing; several migrations, and several processes, may share it. Default: no copy.
   */
  readonly keepIn?: string;
  /** Whose flags these are; required beside `keepIn`, as OpenFeature does not tell one store from another. */
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
 * and at each interval, never at a request. A provider that has neither switch, that is stale or in error, or that
 * can't evaluate one of the flags, changes nothing: the last good document stays, with the problem reported.
 * @throws {@link ConfigError} when an option is wrong.
 * @see https://openfeature.dev/specification/sections/flag-evaluation
 * @example
 * const flags = createOpenFeatureSource({ client: OpenFeature.getClient(), features: ['new-dashboard-beta'] });
 */
export function createOpenFeatureSource(options: OpenFeatureSourceOptions): PolledFlagSource {
  checkOptions('OpenFeature source', options.keepIn === undefined ? options : { migration: '', ...options });
  const { client, features = [], pollIntervalMs = 15_000, timeoutMs = 3000, now = Date.now } = options;
  const watching = new AbortController();
  const copy = copyOf(options, now);
  let hasRead = false;

  async function find(signal: AbortSignal): Promise<Finding> {
    const { providerStatus } = client;
    const isDoubtful = providerStatus === ProviderStatus.STALE || providerStatus === ProviderStatus.ERROR;
    // What a doubtful provider has is better than nothing, and worse than what was read when it was well.
    if (isDoubtful && hasRead) return failed(`is ${providerStatus === ProviderStatus.STALE ? 'stale' : 'in error'}`);
    try {
      const text = await withDeadline(timeoutMs, signal, () => evaluateDocument(client, features));
      if (text === undefined) return failed(`has neither ${ISSUE_TARGET_FLAG} nor ${ACCEPT_LEGACY_FLAG}`);
      hasRead = true;
      return { kind: 'document', text, version: null };
    } catch (error) {
      return failed(describe(error));
    }
  }

  return createPolledSource({
    store: {
      look: async (signal) => ({
        finding: await find(signal),
        intervalMs: pollIntervalMs,
        nextLookMs: pollIntervalMs,
      }),
      watch(lookSoon) {
        let isRegistered = false;
        // A handler for the state that already is runs at once, and the first look is under way.
        const handler = () => {
          if (isRegistered) lookSoon();
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
    now,
    copy: copy && {
      ...copy,
      async load() {
        const loaded = await copy.load();
        hasRead = loaded.kind === 'flags';
        return loaded;
      },
    },
  });
}

function copyOf({ keepIn, migration, client }: OpenFeatureSourceOptions, now: Clock): KeptCopy | undefined {
  if (keepIn === undefined) return undefined;
  return createKeptCopy(keepIn, { source: 'openfeature', migration, domain: client.metadata.domain }, now);
}

async function evaluateDocument(client: EvaluationClient, features: readonly string[]): Promise<string | undefined> {
  const [issueTarget, acceptLegacy, ...others] = await Promise.all([
    evaluateSwitch(client, ISSUE_TARGET_FLAG),
    evaluateSwitch(client, ACCEPT_LEGACY_FLAG),
    ...features.map((name) => evaluateFeature(client, name)),
  ]);
  if (issueTarget === undefined && acceptLegacy === undefined) return undefined;
  const entries = features.map((name, index) => [name, others[index]] as const);
  // Ours last: a feature may not be named as a switch is.
  return JSON.stringify({
    ...Object.fromEntries(entries),
    [ISSUE_TARGET_FLAG]: issueTarget,
    [ACCEPT_LEGACY_FLAG]: acceptLegacy,
  });
}

function describe(error: unknown): string {
  if (error instanceof EvaluationError) return error.message;
  if (error instanceof Error && error.name === 'TimeoutError') return 'did not answer in time';
  return 'failed in a way that OpenFeature does not know';
}

function failed(what: string): Finding {
  return { kind: 'failed', problem: `the OpenFeature provider ${what}` };
}
