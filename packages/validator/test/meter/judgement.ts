import {
  type AcceptedJudgement,
  type AudienceClass,
  attachRejectedToken,
  type RejectedJudgement,
  type RejectedToken,
  type RejectionReason,
} from '@crossfade/core';

/** A legacy token that was accepted. */
export const ACCEPTED: AcceptedJudgement = {
  outcome: 'accepted',
  audience: 'legacy',
  afterClose: 'rejected',
  subject: 'alice',
  clientId: 'web-app',
  scope: [],
  roles: [],
  issuedAt: 1_000,
  expiresAt: 2_000,
  claims: {},
};

/** A rejection of a verified token, whose times are those of `ACCEPTED` unless given. */
export function rejectedOf(
  audience: AudienceClass,
  reason: RejectionReason,
  token: Partial<RejectedToken> = {},
): RejectedJudgement {
  const { clientId, issuedAt, expiresAt } = ACCEPTED;
  const judgement: RejectedJudgement = { outcome: 'rejected', audience, reason };
  const times = { clientId, issuedAt, expiresAt, expired: false, afterClose: 'rejected' } as const;
  return attachRejectedToken(judgement, { ...times, ...token });
}
