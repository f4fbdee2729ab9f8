import type { AcceptedJudgement } from '@crossfade/core';
import type { Log } from '../process/log.ts';

/**
 * Logs one line for each accepted legacy request, as a second source next to the counters. Above a rate, lines are
 * omitted, and their number is logged. No line holds a part of a token or a subject.
 */
export interface LegacyLog {
  /** Notes a request, or `times` alike ones, which share one line with their number. */
  note(
    judgement: Pick<AcceptedJudgement, 'audience' | 'clientId' | 'issuedAt' | 'expiresAt'>,
    nowMs: number,
    times?: number,
  ): void;
  /** Logs how many lines were omitted since the last one. */
  flush(): void;
}

const LINES_PER_SECOND = 20;

export function createLegacyLog(log: Log, linesPerSecond = LINES_PER_SECOND): LegacyLog {
  let second = 0;
  let lines = 0;
  let omitted = 0;
  const flush = () => {
    if (omitted > 0)
      log.warn(
        { event: 'legacy_requests_omitted', omitted, linesPerSecond },
        'too many legacy requests to log each one',
      );
    omitted = 0;
  };
  return {
    note({ audience, clientId, issuedAt, expiresAt }, nowMs, times = 1) {
      const currentSecond = Math.floor(nowMs / 1000);
      if (currentSecond !== second) {
        flush();
        second = currentSecond;
        lines = 0;
      }
      if (lines >= linesPerSecond) {
        omitted += times;
        return;
      }
      lines += 1;
      const fields = { event: 'legacy_request', audience, clientId, issuedAt, expiresAt };
      log.info(times === 1 ? fields : { ...fields, requests: times }, 'legacy request accepted');
    },
    flush,
  };
}
