import { type AcceptedJudgement, formatInstant } from '@crossfade/core';
import type { SidecarStatus } from '@crossfade/core/status';

/**
 * Lists the audiences that accepted tokens name beside ours (RFC 7519 §4.1.3); bounded. They appear in `/status` only:
 * never in a label or a log.
 */
export interface ForeignAudiences {
  note(judgement: Pick<AcceptedJudgement, 'claims'>, nowMs: number): void;
  /** Most recent first. */
  snapshot(): NonNullable<SidecarStatus['foreignAudiences']>;
}

interface Seen {
  count: number;
  lastSeenMs: number;
}

const MAX_AUDIENCES = 20;
const MAX_LENGTH = 256;

/**
 * @param own every audience of both sides.
 * @param maxAudiences beyond this number, the audience seen least recently is forgotten.
 */
export function createForeignAudiences(own: readonly string[], maxAudiences = MAX_AUDIENCES): ForeignAudiences {
  const known: ReadonlySet<unknown> = new Set(own);
  const audiences = new Map<string, Seen>();
  let requests = 0;
  let truncated = false;

  const forgetLeastRecent = () => {
    const oldest = [...audiences].reduce((one, other) => (other[1].lastSeenMs < one[1].lastSeenMs ? other : one));
    audiences.delete(oldest[0]);
    truncated = true;
  };
  const add = (audience: string, nowMs: number) => {
    const name = audience.slice(0, MAX_LENGTH);
    const seen = audiences.get(name);
    if (seen !== undefined) {
      seen.count += 1;
      seen.lastSeenMs = nowMs;
      return;
    }
    if (audiences.size >= maxAudiences) forgetLeastRecent();
    audiences.set(name, { count: 1, lastSeenMs: nowMs });
  };

  return {
    note({ claims: { aud } }, nowMs) {
      // Most tokens name one audience.
      if (!Array.isArray(aud) || aud.length < 2) return;
      const foreign = new Set(aud.filter((audience) => typeof audience === 'string' && !known.has(audience)));
      if (foreign.size === 0) return;
      requests += 1;
      for (const audience of foreign) add(audience, nowMs);
    },

    snapshot: () => ({
      requests,
      audiences: [...audiences]
        .toSorted(([, one], [, other]) => other.lastSeenMs - one.lastSeenMs)
        .map(([audience, { count, lastSeenMs }]) => ({ audience, count, lastSeenAt: formatInstant(lastSeenMs) })),
      truncated,
    }),
  };
}
