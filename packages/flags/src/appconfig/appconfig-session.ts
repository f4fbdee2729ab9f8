import type { Clock } from '@crossfade/core';
import { decodeText } from '../polling/decode-text.ts';
import type { PollResult } from '../polling/last-good.ts';
import type { Poll } from '../polling/polled-source.ts';
import type { AppConfigDataPlane } from './appconfig-data-plane.ts';
import { type AppConfigFailure, classifyFailure } from './appconfig-failure.ts';
import { revisionOfLabel } from './appconfig-version-label.ts';
import { describeFailure } from './aws-failure.ts';

// AWS accepts a token for 24 h; renewing early leaves room for an outage of up to an hour.
const RENEW_AFTER_MS = 23 * 3_600_000;
// A timer may fire a millisecond early, and AppConfig refuses a poll that comes early.
const EARLY_TIMER_MS = 20;
// Retries during an outage stay near the poll interval; a missing resource is rarely created within minutes.
const DOUBLINGS: Readonly<Record<AppConfigFailure, readonly [first: number, last: number]>> = {
  too_early: [0, 0],
  unavailable: [0, 2],
  // A metadata service that fails for a moment looks the same.
  unconfigured: [0, 2],
  denied: [0, 2],
  session_over: [0, 2],
  refused: [0, 4],
  not_found: [2, 4],
};
const ENDS_SESSION: ReadonlySet<AppConfigFailure> = new Set(['session_over', 'not_found', 'refused']);
const MAX_BACK_OFF_MS = 300_000;
const JITTER = 0.5;

/** Creates a polling session with AppConfig's data plane: one poll at a time, each with a single-use token. */
export function createAppConfigSession(options: {
  readonly plane: AppConfigDataPlane;
  readonly pollIntervalMs: number;
  readonly now: Clock;
  readonly random: () => number;
}): { poll(signal: AbortSignal): Promise<Poll> } {
  const { plane, now, random } = options;
  let intervalMs = options.pollIntervalMs;
  let token: string | undefined;
  let tokenTakenAtMs = 0;
  let failures = 0;

  function storeToken(next: string): void {
    token = next;
    tokenTakenAtMs = now();
  }

  async function requestConfiguration(signal: AbortSignal): Promise<PollResult> {
    if (token === undefined || now() - tokenTakenAtMs > RENEW_AFTER_MS) storeToken(await plane.startSession(signal));
    const response = await plane.poll(token ?? '', signal);
    storeToken(response.nextToken);
    intervalMs = response.nextPollMs ?? intervalMs;
    if (response.content === null) return { kind: 'unchanged' };
    return { kind: 'document', text: decodeText(response.content), version: revisionOfLabel(response.versionLabel) };
  }

  async function pollInSession(signal: AbortSignal): Promise<PollResult> {
    try {
      return await requestConfiguration(signal);
    } catch (error) {
      if (classifyFailure(error) !== 'session_over') throw error;
      token = undefined;
      return await requestConfiguration(signal);
    }
  }

  function backOffMs(failure: AppConfigFailure): number {
    const [first, last] = DOUBLINGS[failure];
    const doublings = Math.min(first + failures - 1, last);
    const waitMs = Math.min(intervalMs * 2 ** doublings, Math.max(intervalMs, MAX_BACK_OFF_MS));
    return waitMs * (1 + random() * JITTER);
  }

  return {
    async poll(signal) {
      try {
        const result = await pollInSession(signal);
        failures = 0;
        return { result, intervalMs, nextPollMs: intervalMs + EARLY_TIMER_MS };
      } catch (error) {
        const failure = classifyFailure(error);
        failures += 1;
        if (ENDS_SESSION.has(failure)) token = undefined;
        const result: PollResult = { kind: 'failed', problem: `${MEANINGS[failure]} (${describeFailure(error)})` };
        return { result, intervalMs, nextPollMs: backOffMs(failure) + EARLY_TIMER_MS };
      }
    },
  };
}

const MEANINGS: Readonly<Record<AppConfigFailure, string>> = {
  session_over: 'AppConfig does not accept its own new session token',
  too_early: 'AppConfig was polled before its poll interval had passed',
  not_found: 'AppConfig has no such application, environment or profile, or nothing is deployed there',
  refused: 'AppConfig refuses the request',
  denied: 'AppConfig denies access: allow StartConfigurationSession and GetLatestConfiguration',
  unconfigured: 'the AWS SDK found no region or no credentials',
  unavailable: 'AppConfig did not respond',
};
