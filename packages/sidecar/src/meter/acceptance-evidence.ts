import type { Acceptance, Issuance, Judgement, ObservedAcceptance, Side } from '@crossfade/core';

/**
 * What the API's own answers show of the audiences it accepts. Evidence belongs to one position of the acceptance
 * switch: it is forgotten when the switch moves.
 */
export interface AcceptanceEvidence {
  /**
   * Notes how the API answered a token. Says nothing about tokens that are invalid or carry both audiences, nor
   * about a 5xx: an API that fails has not looked at the token.
   * @param position of the acceptance switch when the token was judged.
   */
  note(judgement: Judgement, status: number, position: Acceptance): void;
  /** Whether the API accepts a side; `undefined` while its answers don't tell. */
  accepts(side: Side, position: Acceptance): boolean | undefined;
  /** The switch moved: what was shown before says nothing about now, even if the switch comes back. */
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

/** What is known of an API that judges for itself, from its answers and, where they are silent, from the switches. */
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
