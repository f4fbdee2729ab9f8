import type {
  AudienceClass,
  Dependency,
  MigrationClass,
  ObservedAcceptance,
  Outcome,
  RejectionReason,
  Side,
} from '@crossfade/core';

/**
 * The version of this format. Version 2 says whose a rejected token is and how the API responded. A collector reads
 * {@link READABLE_BATCH_VERSIONS} and rejects others: upgrade it before its senders.
 */
export const JUDGEMENT_BATCH_VERSION = 2;

/** The versions that a collector reads: every field that version 1 lacks is optional. */
export const READABLE_BATCH_VERSIONS = [1, JUDGEMENT_BATCH_VERSION] as const;

/** The media type of a batch: one JSON object per line, the head first. */
export const JUDGEMENT_BATCH_MEDIA_TYPE = 'application/x-ndjson';

/** The path that a batch is posted to. */
export const JUDGEMENT_BATCH_PATH = '/judgements';

/** Upper bounds of the duration buckets: from a cache hit to a slow issuer. */
export const DURATION_BOUNDS_SECONDS = [
  0.000_01, 0.000_05, 0.000_1, 0.000_25, 0.000_5, 0.001, 0.0025, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5,
] as const;

/** The first line of a batch: its sender and sequence number, which a retry repeats. */
export interface JudgementBatchHead {
  readonly version: (typeof READABLE_BATCH_VERSIONS)[number];
  /** Random for each start of a process: 16 to 64 of `A-Za-z0-9_-`. */
  readonly sender: string;
  /** Starts at 1 and grows by one per batch; never reused for other records. */
  readonly sequence: number;
  /** No batch up to this number will be sent again. */
  readonly acknowledged: number;
  /** Names the process for people; the collector does not use it: 1 to 64 of `A-Za-z0-9_.:-`. */
  readonly name?: string;
  /** Which audiences the process accepts now. */
  readonly acceptance: ObservedAcceptance;
  /** How many judgements the sender dropped since its last batch. */
  readonly lost: number;
  /** The last batch: the process ends, and its silence is no failure. */
  readonly closing?: true;
}

/** Like judgements since the last batch. */
interface Seen {
  readonly count: number;
  /** How long before this delivery the last one was seen: independent of both clocks. */
  readonly ageMs: number;
}

/** Whose the tokens are, and until when. */
interface TokenOwner {
  readonly afterClose: Outcome;
  /** Of the clients that a collector lists: those with legacy or bridge tokens, or with disagreements. */
  readonly clientId?: string;
  /** Of clients beyond those that the batch can name. */
  readonly others?: true;
  /** The newest `iat`, in seconds; absent if no token has one. */
  readonly issuedAt?: number;
  /** The latest `exp`, in seconds. */
  readonly expiresAt: number;
}

export interface AcceptedRecord extends Seen, TokenOwner {
  readonly kind: 'accepted';
  readonly audience: MigrationClass;
}

/** A verified token that was rejected. */
export interface RejectedTokenRecord extends TokenOwner {
  /** Whether it had expired, whatever else was wrong with it. */
  readonly expired: boolean;
}

export interface RejectedRecord extends Seen {
  readonly kind: 'rejected';
  readonly audience: AudienceClass;
  readonly reason: RejectionReason;
  /** Of verified tokens; version 1 leaves it out. */
  readonly token?: RejectedTokenRecord;
}

/** Tokens that were rejected and counted as such, and that the API took all the same. */
export interface DisagreementRecord extends Seen {
  readonly kind: 'disagreement';
  readonly audience: AudienceClass;
  readonly reason: RejectionReason;
  /** Of verified tokens. */
  readonly token?: RejectedTokenRecord;
}

/** The API took (`accepted`) or refused (`unauthorized`) valid tokens of one side. */
export interface ResponseRecord extends Seen {
  readonly kind: 'response';
  readonly audience: Side;
  readonly response: 'accepted' | 'unauthorized';
}

/** Tokens that were judged valid and counted as accepted, and that the API refused. */
export interface UnauthorizedRecord extends Seen {
  readonly kind: 'unauthorized';
  readonly audience: MigrationClass;
}

/** Tokens that could not be judged. */
export interface UnavailableRecord extends Seen {
  readonly kind: 'unavailable';
  /** What was unavailable; absent if unknown. */
  readonly cause?: Dependency;
}

export interface DurationsRecord {
  readonly kind: 'durations';
  readonly outcome: Outcome;
  /** Counts per bucket of {@link DURATION_BOUNDS_SECONDS}, not cumulative, with one more for longer durations. */
  readonly counts: readonly number[];
  readonly sumSeconds: number;
}

/** Every other line of a batch. Holds no token or subject, and only the claims that the list of stragglers needs. */
export type JudgementRecord =
  | AcceptedRecord
  | RejectedRecord
  | DisagreementRecord
  | ResponseRecord
  | UnauthorizedRecord
  | UnavailableRecord
  | DurationsRecord;
