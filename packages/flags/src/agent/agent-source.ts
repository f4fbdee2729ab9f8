import { type AppConfigLocation, type Clock, errorCode } from '@crossfade/core';
import { decodeText } from '../disk-cache/decode-text.ts';
import { createKeptCopy, type KeptCopy } from '../disk-cache/disk-cache.ts';
import type { Finding } from '../disk-cache/last-good.ts';
import { withDeadline } from '../disk-cache/timeout.ts';
import { checkOptions } from '../polling/check-options.ts';
import { createPolledSource, type PolledFlagSource } from '../polling/polled-source.ts';

export interface AgentSourceOptions extends AppConfigLocation {
  /** Base URL of the AppConfig Agent. Default: `http://localhost:2772`. */
  readonly url?: string;
  /** How often the agent is asked, in ms. Default: 15 s; the agent polls AWS at a pace of its own. */
  readonly pollIntervalMs?: number;
  /** How long the agent may take to answer, in ms. Default: 3 s. */
  readonly timeoutMs?: number;
  /**
   * Folder for a copy of the last good document, so that a restart without network keeps the switch positions. Made when
   * missing; several locations, and several processes, may share it. Default: no copy.
   */
  readonly keepIn?: string;
  /** Default: `Date.now`. */
  readonly now?: Clock;
}

const DEFAULT_URL = 'http://localhost:2772';

/**
 * A flag source that asks an AWS AppConfig Agent, the sidecar or Lambda extension that AWS ships. The agent holds the
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
      async look(signal) {
        const finding = await ask(address, timeoutMs, signal);
        return { finding, intervalMs: pollIntervalMs, nextLookMs: pollIntervalMs };
      },
      close() {},
    },
    intervalMs: pollIntervalMs,
    now,
    copy: copyOf(options, now),
  });
}

function copyOf(options: AgentSourceOptions, now: Clock): KeptCopy | undefined {
  const { keepIn, url = DEFAULT_URL, application, environment, profile } = options;
  return keepIn === undefined
    ? undefined
    : createKeptCopy(keepIn, { source: 'agent', url, application, environment, profile }, now);
}

function configurationUrl({ url = DEFAULT_URL, application, environment, profile }: AgentSourceOptions): string {
  const [a, e, p] = [application, environment, profile].map(encodeURIComponent);
  return `${url.replace(/\/+$/, '')}/applications/${a}/environments/${e}/configurations/${p}`;
}

async function ask(address: string, timeoutMs: number, signal: AbortSignal): Promise<Finding> {
  try {
    return await withDeadline(timeoutMs, signal, async (bounded) => {
      const response = await fetch(address, { signal: bounded, redirect: 'error' });
      const bytes = new Uint8Array(await response.arrayBuffer());
      if (!response.ok) return failed(`the AppConfig Agent answered ${response.status}`);
      return { kind: 'document', text: decodeText(bytes), version: response.headers.get('configuration-version') };
    });
  } catch (error) {
    return failed(`the AppConfig Agent at ${new URL(address).origin} did not answer${reasonOf(error)}`);
  }
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return '';
  if (error.name === 'TimeoutError') return ' in time';
  const code = errorCode(error.cause);
  return code === undefined ? '' : ` (${code})`;
}

function failed(problem: string): Finding {
  return { kind: 'failed', problem };
}
