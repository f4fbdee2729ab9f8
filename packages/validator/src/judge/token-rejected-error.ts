import {
  type AudienceClass,
  CrossfadeError,
  type DpopChallenge,
  type RejectedJudgement,
  type RejectionReason,
} from '@crossfade/core';

/**
 * The caller must act: its token was rejected. Holds the judgement, nothing of the token.
 * @remarks Respond with `rejectionResponse`; `reason` says what is wrong.
 */
export class TokenRejectedError extends CrossfadeError {
  readonly reason: RejectionReason;
  readonly audience: AudienceClass;
  /** With `insufficient_scope`: the scope that would have been enough. */
  declare readonly scope?: readonly string[];
  /** Where DPoP was used, or has to be: what to challenge the client with. */
  declare readonly dpop?: DpopChallenge;

  constructor(judgement: RejectedJudgement) {
    super('token_rejected', `token rejected: ${judgement.reason}`);
    this.reason = judgement.reason;
    this.audience = judgement.audience;
    if (judgement.scope !== undefined) this.scope = judgement.scope;
    if (judgement.dpop !== undefined) this.dpop = judgement.dpop;
  }
}
