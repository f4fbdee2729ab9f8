import { REJECTION_REASONS, type RejectionReason, UNVERIFIED_REASONS } from '@crossfade/core';
import type { SidecarStatus } from '@crossfade/core/status';
import type { DashboardState, DisagreementsShown, DrainShown } from '../page/dashboard-state.ts';
import { REASON_LABELS, REMEDY_LABELS, UNVERIFIED_REMEDY_LABEL } from './reason-labels.ts';

const UNVERIFIED: ReadonlySet<RejectionReason> = new Set(UNVERIFIED_REASONS);

/** Returns the disagreements for the page, the most frequent first, and what the gate makes of them. */
export function readDisagreements(
  { disagreements }: Pick<SidecarStatus, 'disagreements'>,
  { checks }: Pick<DrainShown, 'checks'>,
): DisagreementsShown {
  const { reasons, lastVerifiedAt, lastUnverifiedAt } = disagreements;
  const counted = REJECTION_REASONS.map((reason) => ({
    reason,
    count: reasons[reason] ?? 0,
    meaning: REASON_LABELS[reason],
    isVerified: !UNVERIFIED.has(reason),
    remedy: UNVERIFIED.has(reason) ? `${REMEDY_LABELS[reason]} ${UNVERIFIED_REMEDY_LABEL}` : REMEDY_LABELS[reason],
  }));
  return {
    reasons: counted.filter(({ count }) => count > 0).toSorted((one, other) => other.count - one.count),
    lastVerifiedAt,
    lastUnverifiedAt,
    verdict: checks.find(({ name }) => name === 'disagreements')?.verdict ?? 'inconclusive',
  };
}

/** Returns the rejections for the page, the most frequent first. */
export function readRejections({ rejections }: Pick<SidecarStatus, 'rejections'>): DashboardState['rejections'] {
  return REJECTION_REASONS.map((reason) => ({ reason, count: rejections[reason] ?? 0, meaning: REASON_LABELS[reason] }))
    .filter(({ count }) => count > 0)
    .toSorted((one, other) => other.count - one.count);
}
