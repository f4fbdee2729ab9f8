import {
  type Acceptance,
  type AcceptedSide,
  acceptedSide,
  type EvidenceWindow,
  type Issuance,
  type ObservedAcceptance,
  type Side,
} from '@crossfade/core';
import type { SidecarStatus } from '@crossfade/core/status';
import type { Meter } from '@crossfade/validator/meter';

/** What the API's own responses show about the sides that it accepts, by the one rule; `null`: unknown. */
export function shownByResponses(meter: Pick<Meter, 'apiResponseMs'>, window: EvidenceWindow): SidecarStatus['shown'] {
  const show = (side: Side) =>
    KNOWN[
      acceptedSide(
        {
          acceptedMs: meter.apiResponseMs(side, 'accepted'),
          unauthorizedMs: meter.apiResponseMs(side, 'unauthorized'),
        },
        undefined,
        window,
      )
    ];
  return { legacy: show('legacy'), target: show('target') };
}

const KNOWN: Readonly<Record<AcceptedSide, boolean | null>> = { accepted: true, refused: false, unknown: null };

/** What an API that judges by itself accepts: as its responses show, else as the switches say. */
export function observedAcceptance(
  shown: SidecarStatus['shown'],
  acceptance: Acceptance,
  issuance: Pick<Issuance, 'percent'>,
): ObservedAcceptance {
  if (!(shown.target ?? (issuance.percent > 0 || acceptance === 'target'))) return 'legacy';
  return (shown.legacy ?? acceptance === 'both') ? 'both' : 'target';
}
