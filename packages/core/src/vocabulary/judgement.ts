import type { AudienceClass, MigrationClass } from './audience-class.ts';
import type { RejectionReason } from './rejection-reason.ts';

export const OUTCOMES = ['accepted', 'rejected'] as const;
export type Outcome = (typeof OUTCOMES)[number];

/** What an accepted access token says, in the application's terms. Times are NumericDates: seconds since the epoch. */
export interface AccessToken {
  readonly audience: MigrationClass;
  readonly subject: string | undefined;
  readonly clientId: string | undefined;
  readonly scope: readonly string[];
  readonly roles: readonly string[];
  readonly issuedAt: number | undefined;
  readonly expiresAt: number;
  /** Every verified claim of the token. Contains personal data: do not log it. */
  readonly claims: Readonly<Record<string, unknown>>;
}

export interface AcceptedJudgement extends AccessToken {
  readonly outcome: 'accepted';
  /** The shadow verdict: what the outcome would be if the legacy audience were closed now. */
  readonly afterClose: Outcome;
}

/** What the next attempt of a client needs that proves possession of a key (RFC 9449 §7.1, §9). */
export interface DpopChallenge {
  /** Signature algorithms that a proof may use. */
  readonly algorithms: readonly string[];
  /** What is wrong with the proof itself; absent when the token is what is refused. */
  readonly error?: 'invalid_dpop_proof' | 'use_dpop_nonce';
  /** The nonce that the next proof has to carry. */
  readonly nonce?: string;
}

export interface RejectedJudgement {
  readonly outcome: 'rejected';
  readonly audience: AudienceClass;
  readonly reason: RejectionReason;
  /** With `insufficient_scope`: the scope that would have been enough (RFC 6750 §3). */
  readonly scope?: readonly string[];
  /** Where DPoP was used, or has to be: what to challenge the client with. */
  readonly dpop?: DpopChallenge;
}

/** What was decided about one token, as data. A rejection is data too, not an exception. */
export type Judgement = AcceptedJudgement | RejectedJudgement;
