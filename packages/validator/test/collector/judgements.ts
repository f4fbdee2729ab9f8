import {
  type AudienceClass,
  attachRejectedToken,
  type RejectedJudgement,
  type RejectedToken,
  type RejectionReason,
} from '@crossfade/core';
import type { CountedJudgement } from '../../src/collector.ts';

export const LEGACY = {
  outcome: 'accepted',
  audience: 'legacy',
  afterClose: 'rejected',
  clientId: 'web-app',
  issuedAt: 1_000,
  expiresAt: 2_000,
} as const satisfies CountedJudgement;

export const TARGET = { ...LEGACY, audience: 'target', afterClose: 'accepted' } as const;

export const EXPIRED = { outcome: 'rejected', audience: 'legacy', reason: 'expired' } as const;

/** A rejection of a verified token, whose times are those of `LEGACY` unless given. */
export function rejectedOf(
  audience: AudienceClass,
  reason: RejectionReason,
  token: Partial<RejectedToken> = {},
): RejectedJudgement {
  const { clientId, issuedAt, expiresAt } = LEGACY;
  const times = { clientId, issuedAt, expiresAt, expired: false, afterClose: 'rejected' } as const;
  return attachRejectedToken({ outcome: 'rejected', audience, reason }, { ...times, ...token });
}
