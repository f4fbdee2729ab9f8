import type { Acceptance, Issuance, ObservedAcceptance, Side } from '@crossfade/core';
import type { ShownResponse } from './meter.ts';

/**
 * What the API's own responses show about the audiences it accepts. Evidence belongs to one position of the acceptance
 * switch: it is forgotten when the switch moves.
 */
export interface AcceptanceEvidence {
  /**
   * Notes that the API took or refused a side's valid token.
   * @param position of the acceptance switch when the token was judged.
   */
  note(side: Side, response: ShownResponse, position: Acceptance): void;
  /** Whether the API accepts a side: the latest response decides. `undefined` while its responses do not show it. */
  accepts(side: Side, position: Acceptance): boolean | undefined;
  /** Drops all evidence. Called when the switch moves: older evidence is void, even if the switch moves back. */
  forget(): void;
}

export function createAcceptanceEvidence(): AcceptanceEvidence {
  let evidencePosition: Acceptance | undefined;
  let shown: Partial<Record<Side, boolean>> = {};
  return {
    note(side, response, position) {
      if (position !== evidencePosition) shown = {};
      evidencePosition = position;
      shown[side] = response === 'accepted';
    },
    accepts: (side, position) => (position === evidencePosition ? shown[side] : undefined),
    forget() {
      evidencePosition = undefined;
      shown = {};
    },
  };
}

/** What an API that judges by itself accepts: as its responses show, else as the switches say. */
export function observedAcceptance(
  evidence: Pick<AcceptanceEvidence, 'accepts'>,
  acceptance: Acceptance,
  issuance: Pick<Issuance, 'percent'>,
): ObservedAcceptance {
  const acceptsTarget = evidence.accepts('target', acceptance) ?? (issuance.percent > 0 || acceptance === 'target');
  if (!acceptsTarget) return 'legacy';
  const acceptsLegacy = evidence.accepts('legacy', acceptance) ?? acceptance === 'both';
  return acceptsLegacy ? 'both' : 'target';
}
