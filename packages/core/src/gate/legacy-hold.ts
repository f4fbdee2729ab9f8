import { acceptedSide, type SideResponses } from './accepted-side.ts';

/** An instance of the API for which a rollback after a close waits. */
export interface LegacyHold {
  readonly meter: string;
  /** One sentence for the operator. */
  readonly why: string;
  /** When waiting alone ends it, in ms; `null` while the instance shows that it refuses legacy. */
  readonly untilMs: number | null;
}

/** What is known of one instance and the legacy side. */
export interface LegacySighting {
  readonly meter: string;
  readonly responses: SideResponses;
  /** What the process that judges for it lets in; `undefined` if none judges, or it does not tell. */
  readonly commanded: boolean | undefined;
  /** Whether it responds now; otherwise this is what it showed last. */
  readonly isLive: boolean;
  /** When it was last seen to respond, in ms, where that is known: its silence counts from then. */
  readonly seenMs?: number;
}

/** When the legacy audience was reopened, and how long that takes to reach its readers. */
export interface Reopening {
  readonly reopenedMs: number;
  /** How long the flags may take to reach an instance: six poll intervals, because polls may fail. */
  readonly flagsTakeMs: number;
  /** `gate.silence`, in ms. */
  readonly silenceMs: number;
  readonly nowMs: number;
}

/**
 * Tells whether an instance may still refuse legacy after a reopening, so that logins must not return to it yet. It holds a
 * rollback while it *shows* that it refuses; for as long as its flags may take if it last showed that it was closed, and
 * shows nothing now. Unknown is not closed: one that never showed it holds nothing.
 */
export function legacyHold(
  { meter, responses, commanded, isLive, seenMs }: LegacySighting,
  { reopenedMs, flagsTakeMs, silenceMs, nowMs }: Reopening,
): LegacyHold | undefined {
  if (isLive && commanded === false) return { meter, why: 'refuses legacy tokens', untilMs: null };
  const shown = acceptedSide(responses, commanded, { movedMs: reopenedMs, silenceMs, nowMs });
  if (isLive && shown === 'accepted') return undefined;
  const refusedMs = lastRefusalMs(responses, commanded, reopenedMs, seenMs);
  if (refusedMs === null || nowMs >= refusedMs + flagsTakeMs) return undefined;
  const why =
    shown === 'refused' && isLive
      ? 'its API refused a legacy token after the reopening'
      : 'was closed when it was last seen, and has not shown since that it reopened';
  return { meter, why, untilMs: refusedMs + flagsTakeMs };
}

/** From when its flags may take their time: the reopening, or what it showed after it; `null` if it never refused. */
function lastRefusalMs(
  { acceptedMs, unauthorizedMs }: SideResponses,
  commanded: boolean | undefined,
  reopenedMs: number,
  seenMs = reopenedMs,
): number | null {
  if (commanded === false) return Math.max(seenMs, reopenedMs);
  if (unauthorizedMs === null || (acceptedMs !== null && acceptedMs > unauthorizedMs)) return null;
  return Math.max(unauthorizedMs, reopenedMs);
}
