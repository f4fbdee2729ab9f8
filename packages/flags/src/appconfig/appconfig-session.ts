import type { Clock } from '@crossfade/core';
import { decodeText } from '../disk-cache/decode-text.ts';
import type { Finding } from '../disk-cache/last-good.ts';
import type { Look } from '../polling/polled-source.ts';
import type { AppConfigDataPlane } from './appconfig-data-plane.ts';
import { type AppConfigFailure, classifyFailure } from './appconfig-failure.ts';
import { revisionOfLabel } from './appconfig-version-label.ts';
import { describeFailure } from './aws-failure.ts';

// AWS takes a token for 24 h; renewing early leaves room for a poll interval of up to an hour of trouble.
const RENEW_AFTER_MS = 23 * 3_600_000;
// A timer may fire a millisecond before its time, and a poll that comes early is refused.
const EARLY_TIMER_MS = 20;
// An outage is over when it is over, so retries stay near the pace; what does not exist is rarely made within minutes.
const DOUBLINGS: Readonly<Record<AppConfigFailure, readonly [first: number, last: number]>> = {
  too_early: [0, 0],
  no_answer: [0, 2],
  // Also what a metadata service that hiccups looks like.
  unconfigured: [0, 2],
  denied: [0, 2],
  session_over: [0, 2],
  refused: [0, 4],
  not_found: [2, 4],
};
const ENDS_SESSION: ReadonlySet<AppConfigFailure> = new Set(['session_over', 'not_found', 'refused']);
const LONGEST_BACK_OFF_MS = 300_000;
const JITTER = 0.5;

/** A polling session with AppConfig's data plane: one look at a time, each with a token that is used once. */
export function createAppConfigSession(options: {
  readonly plane: AppConfigDataPlane;
  readonly pollIntervalMs: number;
  readonly now: Clock;
  readonly random: () => number;
}): { look(signal: AbortSignal): Promise<Look> } {
  const { plane, now, random } = options;
  let intervalMs = options.pollIntervalMs;
  let token: string | undefined;
  let tokenTakenAtMs = 0;
  let failures = 0;

  function take(next: string): void {
    token = next;
    tokenTakenAtMs = now();
  }

  async function poll(signal: AbortSignal): Promise<Finding> {
    if (token === undefined || now() - tokenTakenAtMs > RENEW_AFTER_MS) take(await plane.startSession(signal));
    const answer = await plane.poll(token ?? '', signal);
    take(answer.nextToken);
    intervalMs = answer.nextPollMs ?? intervalMs;
    if (answer.content === null) return { kind: 'unchanged' };
    return { kind: 'document', text: decodeText(answer.content), version: revisionOfLabel(answer.versionLabel) };
  }

  async function pollInSession(signal: AbortSignal): Promise<Finding> {
    try {
      return await poll(signal);
    } catch (error) {
      if (classifyFailure(error) !== 'session_over') throw error;
      token = undefined;
      return await poll(signal);
    }
  }

  function backOffMs(failure: AppConfigFailure): number {
    const [first, last] = DOUBLINGS[failure];
    const doublings = Math.min(first + failures - 1, last);
    const waitMs = Math.min(intervalMs * 2 ** doublings, Math.max(intervalMs, LONGEST_BACK_OFF_MS));
    return waitMs * (1 + random() * JITTER);
  }

  return {
    async look(signal) {
      try {
        const finding = await pollInSession(signal);
        failures = 0;
        return { finding, intervalMs, nextLookMs: intervalMs + EARLY_TIMER_MS };
      } catch (error) {
        const failure = classifyFailure(error);
        failures += 1;
        if (ENDS_SESSION.has(failure)) token = undefined;
        const finding: Finding = { kind: 'failed', problem: `${MEANINGS[failure]} (${describeFailure(error)})` };
        return { finding, intervalMs, nextLookMs: backOffMs(failure) + EARLY_TIMER_MS };
      }
    },
  };
}

const MEANINGS: Readonly<Record<AppConfigFailure, string>> = {
  session_over: 'AppConfig does not accept its own new session token',
  too_early: 'AppConfig was asked before its poll interval had passed',
  not_found: 'AppConfig has no such application, environment or profile, or nothing is deployed there',
  refused: 'AppConfig refuses the request',
  denied: 'AppConfig denies access: it takes StartConfigurationSession and GetLatestConfiguration',
  unconfigured: 'the AWS SDK found no region or no credentials',
  no_answer: 'AppConfig did not answer',
};
