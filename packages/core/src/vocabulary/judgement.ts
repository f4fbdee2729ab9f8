import type { AudienceClass, MigrationClass } from './audience-class.ts';
import type { RejectionReason } from './rejection-reason.ts';

export const OUTCOMES = ['accepted', 'rejected'] as const;
export type Outcome = (typeof OUTCOMES)[number];

/** The content of an accepted access token. Times are NumericDates: seconds since the epoch. */
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
  /** The outcome if the legacy audience were closed now. */
  readonly afterClose: Outcome;
}

/** What a client needs to prove possession of a key at its next attempt (RFC 9449 §7.1, §9). */
export interface DpopChallenge {
  /** Signature algorithms that a proof may use. */
  readonly algorithms: readonly string[];
  /** What is wrong with the proof itself; absent if the token is at fault. */
  readonly error?: 'invalid_dpop_proof' | 'use_dpop_nonce';
  /** The nonce that the next proof has to carry. */
  readonly nonce?: string;
}

/** What a meter needs to know of a verified token that was rejected: the API may accept it. */
export interface RejectedToken {
  readonly clientId: string | undefined;
  /** Seconds since the epoch. */
  readonly issuedAt: number | undefined;
  /** Seconds since the epoch; 0 if the token does not say. */
  readonly expiresAt: number;
  /** Whether it has expired, whatever else is wrong with it. */
  readonly expired: boolean;
  /** `accepted` if the target side's policy passes it, so that closing the legacy audience changes nothing for it. */
  readonly afterClose: Outcome;
}

export interface RejectedJudgement {
  readonly outcome: 'rejected';
  readonly audience: AudienceClass;
  readonly reason: RejectionReason;
  /** Of a verified token only. Not enumerable, so that no log and no copy of a rejection holds a client id. */
  readonly token?: RejectedToken;
  /** With `insufficient_scope`: the scope that the request needs (RFC 6750 §3). */
  readonly scope?: readonly string[];
  /** The challenge for the client, where DPoP was used or is required. */
  readonly dpop?: DpopChallenge;
}

/** The decision about one token, as data: a rejection is a value, not an exception. */
export type Judgement = AcceptedJudgement | RejectedJudgement;

/** Attaches what a meter needs to know of a verified token to its rejection: the same object, as `token` describes. */
export function attachRejectedToken(judgement: RejectedJudgement, token: RejectedToken): RejectedJudgement {
  return Object.defineProperty(judgement, 'token', { value: token });
}

/**
 * Rejects a token that was accepted so far, for a reason that only its route or its issuer knows. Keeps its class, and
 * what a meter needs to know of it.
 */
export function rejectAccepted(
  { audience, clientId, issuedAt, expiresAt, afterClose }: AcceptedJudgement,
  why: Pick<RejectedJudgement, 'reason' | 'scope'>,
): RejectedJudgement {
  const token = { clientId, issuedAt, expiresAt, expired: false, afterClose };
  return attachRejectedToken({ outcome: 'rejected', audience, ...why }, token);
}
