import type { RejectionReason } from '@crossfade/core';
import type { CountedJudgement } from '@crossfade/validator/collector';
import { isLegacySeen, seenToken } from '@crossfade/validator/meter';
import type { Log } from '../process/log.ts';

/**
 * Logs one line for each request that counts as legacy seen, accepted or not, as a second source next to the counters; of those
 * that a close turned away one line for each client, because a machine repeats them. Above a rate, lines are omitted, and their
 * number is logged. No line holds a part of a token or a subject.
 */
export interface LegacyLog {
  /** Notes a judged request, or `times` alike ones, which share one line with their number. Ignores other requests. */
  note(judgement: CountedJudgement, nowMs: number, times?: number): void;
  /** Logs how many lines were omitted since the last one. */
  flush(): void;
}

const LINES_PER_SECOND = 20;
/** A closed side refuses a token that is valid otherwise. */
const REJECTED: Readonly<Partial<Record<RejectionReason, string>>> = {
  legacy_closed: 'legacy request after the close',
};
/** The clients that are remembered; one that was forgotten is logged again. */
const MAX_TURNED_AWAY = 1000;
const REJECTED_ANYHOW = 'legacy request with a token that is judged invalid';

export function createLegacyLog(log: Log, linesPerSecond = LINES_PER_SECOND): LegacyLog {
  let second = 0;
  let lines = 0;
  let omitted = 0;
  const turnedAway = createTurnedAway(MAX_TURNED_AWAY);
  const flush = () => {
    if (omitted > 0)
      log.warn(
        { event: 'legacy_requests_omitted', omitted, linesPerSecond },
        'too many legacy requests to log each one',
      );
    omitted = 0;
  };
  const mayLog = (nowMs: number, times: number): boolean => {
    const currentSecond = Math.floor(nowMs / 1000);
    if (currentSecond !== second) {
      flush();
      second = currentSecond;
      lines = 0;
    }
    if (lines >= linesPerSecond) {
      omitted += times;
      return false;
    }
    lines += 1;
    return true;
  };
  return {
    note(judgement, nowMs, times = 1) {
      const token = seenToken(judgement);
      if (token === undefined || !isLegacySeen(judgement.audience, token.afterClose)) return;
      const { clientId, issuedAt, expiresAt } = token;
      const isClosed = judgement.outcome === 'rejected' && judgement.reason === 'legacy_closed';
      if (isClosed && turnedAway.has(clientId)) return;
      if (!mayLog(nowMs, times)) return;
      if (isClosed) turnedAway.add(clientId);
      else if (judgement.outcome === 'accepted') turnedAway.forget(clientId);
      const fields = { event: 'legacy_request', audience: judgement.audience, clientId, issuedAt, expiresAt };
      const counted = times === 1 ? fields : { ...fields, requests: times };
      if (judgement.outcome === 'accepted') log.info(counted, 'legacy request accepted');
      else log.info({ ...counted, reason: judgement.reason }, REJECTED[judgement.reason] ?? REJECTED_ANYHOW);
    },
    flush,
  };
}

/** Remembers clients, up to a number; beyond it the oldest one is forgotten. */
function createTurnedAway(most: number) {
  const clients = new Set<string | null>();
  return {
    has: (clientId: string | undefined) => clients.has(clientId ?? null),
    add(clientId: string | undefined) {
      clients.add(clientId ?? null);
      for (const oldest of clients) {
        if (clients.size <= most) return;
        clients.delete(oldest);
      }
    },
    /** It gets in again, so that the next close is another one for it. */
    forget: (clientId: string | undefined) => clients.delete(clientId ?? null),
  };
}
