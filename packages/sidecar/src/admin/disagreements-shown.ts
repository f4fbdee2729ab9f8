import { REJECTION_REASONS, type RejectionReason, UNVERIFIED_REASONS } from '@crossfade/core';
import type { SidecarStatus } from '@crossfade/core/status';
import type { DisagreementsShown } from '../page/dashboard-state.ts';

const UNVERIFIED: ReadonlySet<RejectionReason> = new Set(UNVERIFIED_REASONS);

/** Returns the disagreements for the page, the most frequent first, and which of them fail the gate. */
export function readDisagreements({ disagreements }: Pick<SidecarStatus, 'disagreements'>): DisagreementsShown {
  const { reasons, lastVerifiedAt, lastUnverifiedAt } = disagreements;
  const counted = REJECTION_REASONS.map((reason) => ({
    reason,
    count: reasons[reason] ?? 0,
    isVerified: !UNVERIFIED.has(reason),
  }));
  return {
    reasons: counted.filter(({ count }) => count > 0).toSorted((one, other) => other.count - one.count),
    lastVerifiedAt,
    lastUnverifiedAt,
  };
}
