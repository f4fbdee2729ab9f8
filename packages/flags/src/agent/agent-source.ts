import { type AppConfigLocation, type Clock, errorCode } from '@crossfade/core';
import { createDiskCache, type DiskCache } from '../disk-cache/disk-cache.ts';
import { checkOptions } from '../polling/check-options.ts';
import { decodeText } from '../polling/decode-text.ts';
import type { PollResult } from '../polling/last-good.ts';
import { createPolledSource, type PolledFlagSource } from '../polling/polled-source.ts';
import { appConfigName } from '../polling/store-name.ts';
import { withTimeout } from '../polling/timeout.ts';

export interface AgentSourceOptions extends AppConfigLocation {
  /** Base URL of the AppConfig Agent. Default: `http://localhost:2772`. */
  readonly url?: string;
  /** How often to poll the agent, in ms. Default: 15 s. The agent polls AWS at its own interval. */
  readonly pollIntervalMs?: number;
  /** Timeout of one request, in ms. Default: 3 s. */
  readonly timeoutMs?: number;
  /**
   * Directory that caches the last good document, so that a restart without network keeps the switch positions. Created
   * if missing; locations and processes may share it. Default: no cache.
   */
  readonly cacheDirectory?: string;
  /** Default: `Date.now`. */
  readonly now?: Clock;
}

const DEFAULT_URL = 'http://localhost:2772';

/**
 * A flag source that polls an AWS AppConfig Agent, the sidecar or Lambda extension that AWS ships. The agent holds the
 * session, the cache and the credentials, and evaluates multi-variant flags (without a context).
 * @throws {@link ConfigError} when an option is wrong.
 * @see https://docs.aws.amazon.com/appconfig/latest/userguide/appconfig-agent-how-to-use.html
 * @example
 * const flags = createAgentSource({ application: 'orders', environment: 'prod', profile: 'crossfade' });
 */
export function createAgentSource(options: AgentSourceOptions): PolledFlagSource {
  checkOptions('AppConfig Agent source', options);
  const { pollIntervalMs = 15_000, timeoutMs = 3000, now = Date.now } = options;
  const address = configurationUrl(options);
  return createPolledSource({
    store: {
      async poll(signal) {
        const result = await request(address, timeoutMs, signal);
        return { result, intervalMs: pollIntervalMs, nextPollMs: pollIntervalMs };
      },
      close() {},
    },
    intervalMs: pollIntervalMs,
    now,
    source: appConfigName(options),
    cache: cacheFor(options, now),
  });
}

function cacheFor(options: AgentSourceOptions, now: Clock): DiskCache | undefined {
  const { cacheDirectory, url = DEFAULT_URL, application, environment, profile } = options;
  return cacheDirectory === undefined
    ? undefined
    : createDiskCache(cacheDirectory, { source: 'agent', url, application, environment, profile }, now);
}

function configurationUrl({ url = DEFAULT_URL, application, environment, profile }: AgentSourceOptions): string {
  const [a, e, p] = [application, environment, profile].map(encodeURIComponent);
  return `${url.replace(/\/+$/, '')}/applications/${a}/environments/${e}/configurations/${p}`;
}

async function request(address: string, timeoutMs: number, signal: AbortSignal): Promise<PollResult> {
  try {
    return await withTimeout(timeoutMs, signal, async (abortSignal) => {
      const response = await fetch(address, { signal: abortSignal, redirect: 'error' });
      const bytes = new Uint8Array(await response.arrayBuffer());
      if (!response.ok) return failed(`the AppConfig Agent responded with ${response.status}`);
      return { kind: 'document', text: decodeText(bytes), version: response.headers.get('configuration-version') };
    });
  } catch (error) {
    return failed(`the AppConfig Agent at ${new URL(address).origin} did not respond${reasonOf(error)}`);
  }
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return '';
  if (error.name === 'TimeoutError') return ' in time';
  const code = errorCode(error.cause);
  return code === undefined ? '' : ` (${code})`;
}

function failed(problem: string): PollResult {
  return { kind: 'failed', problem };
}
