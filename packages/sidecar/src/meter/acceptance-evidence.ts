import type { Acceptance, Issuance, Judgement, ObservedAcceptance, Side } from '@crossfade/core';

/**
 * What the API's own responses show about the audiences it accepts. Evidence belongs to one position of the acceptance
 * switch: it is forgotten when the switch moves.
 */
export interface AcceptanceEvidence {
  /**
   * Notes the status with which the API responded to a token. Ignores tokens that are invalid or carry both audiences,
   * and ignores 5xx: an API that fails has not looked at the token.
   * @param position of the acceptance switch when the token was judged.
   */
  note(judgement: Judgement, status: number, position: Acceptance): void;
  /** Whether the API accepts a side; `undefined` while its responses do not show it. */
  accepts(side: Side, position: Acceptance): boolean | undefined;
  /** Drops all evidence. Called when the switch moves: older evidence is void, even if the switch moves back. */
  forget(): void;
}

export function createAcceptanceEvidence(): AcceptanceEvidence {
  let evidencePosition: Acceptance | undefined;
  let shown: Partial<Record<Side, boolean>> = {};
  return {
    note(judgement, status, position) {
      const side = sideOfValidToken(judgement);
      if (side === undefined || status >= 500) return;
      if (position !== evidencePosition) shown = {};
      evidencePosition = position;
      shown[side] = shown[side] === true || status !== 401;
    },
    accepts: (side, position) => (position === evidencePosition ? shown[side] : undefined),
    forget() {
      evidencePosition = undefined;
      shown = {};
    },
  };
}

function sideOfValidToken(judgement: Judgement): Side | undefined {
  if (judgement.outcome === 'rejected') return judgement.reason === 'legacy_closed' ? 'legacy' : undefined;
  return judgement.audience === 'bridge' ? undefined : judgement.audience;
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
