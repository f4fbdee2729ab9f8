/** When an API last took and last refused a valid token of one side alone, in ms; `null` for never. */
export interface SideResponses {
  readonly acceptedMs: number | null;
  readonly unauthorizedMs: number | null;
}

/** What is known of an API and one side. `unknown` is neither: it holds no rollback, and allows no advance. */
export type AcceptedSide = 'accepted' | 'refused' | 'unknown';

/** Which responses count: those since the last move, and at most `gate.silence` ago. */
export interface EvidenceWindow {
  /** When a switch last moved, in ms; `null` if unknown. */
  readonly movedMs: number | null;
  /** `gate.silence`, in ms. */
  readonly silenceMs: number;
  readonly nowMs: number;
}

/**
 * The one rule for what an API accepts: the later of its responses decides, within the window; equal times count as
 * refused. Without any, what the process that judges for it lets in decides.
 * @param commanded what that process lets in; `undefined` if none judges, or it does not tell.
 */
export function acceptedSide(
  { acceptedMs, unauthorizedMs }: SideResponses,
  commanded: boolean | undefined,
  { movedMs, silenceMs, nowMs }: EvidenceWindow,
): AcceptedSide {
  const sinceMs = Math.max(movedMs ?? 0, nowMs - silenceMs);
  const accepted = countedMs(acceptedMs, sinceMs);
  const unauthorized = countedMs(unauthorizedMs, sinceMs);
  if (unauthorized !== null) return accepted !== null && accepted > unauthorized ? 'accepted' : 'refused';
  if (commanded === false) return 'refused';
  return accepted !== null || commanded === true ? 'accepted' : 'unknown';
}

function countedMs(ms: number | null, sinceMs: number): number | null {
  return ms !== null && ms >= sinceMs ? ms : null;
}
