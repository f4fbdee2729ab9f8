import type { AudienceClass, MigrationClass, ObservedAcceptance, Outcome, RejectionReason } from '@crossfade/core';

/** The version of the format below; a collector refuses others. */
export const JUDGEMENT_BATCH_VERSION = 1;

/** The media type of a batch: one JSON object a line, the head first. */
export const JUDGEMENT_BATCH_MEDIA_TYPE = 'application/x-ndjson';

/** Where a batch is posted. */
export const JUDGEMENT_BATCH_PATH = '/judgements';

/** Upper bounds of the buckets that durations are counted in: from a cache hit to a slow issuer. */
export const DURATION_BOUNDS_SECONDS = [
  0.000_01, 0.000_05, 0.000_1, 0.000_25, 0.000_5, 0.001, 0.0025, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5,
] as const;

/** The first line of a batch: who sends, and which batch this is. A retry of a batch has the same sequence number. */
export interface JudgementBatchHead {
  readonly version: typeof JUDGEMENT_BATCH_VERSION;
  /** Random for each start of a process: 16 to 64 of `A-Za-z0-9_-`. */
  readonly sender: string;
  /** From 1, one higher for each batch; never used again for other records. */
  readonly sequence: number;
  /** No batch up to this number will be sent again. */
  readonly acknowledged: number;
  /** Names the process for people, not for the collector: 1 to 64 of `A-Za-z0-9_.:-`. */
  readonly name?: string;
  /** What the process lets in now. */
  readonly acceptance: ObservedAcceptance;
  /** How many judgements the sender gave up since its last batch. */
  readonly lost: number;
  /** The last batch: the process ends, and its silence is no failure. */
  readonly closing?: true;
}

/** What was judged alike since the last batch. */
interface Seen {
  readonly count: number;
  /** How long before this sending the last of them was seen. No clock travels. */
  readonly ageMs: number;
}

export interface AcceptedRecord extends Seen {
  readonly kind: 'accepted';
  readonly audience: MigrationClass;
  readonly afterClose: Outcome;
  /** Of legacy tokens only. */
  readonly clientId?: string;
  /** These are of clients that the batch had no room to name. */
  readonly others?: true;
  /** The newest `iat`, in seconds; absent where no token has one. */
  readonly issuedAt?: number;
  /** The latest `exp`, in seconds. */
  readonly expiresAt: number;
}

export interface RejectedRecord extends Seen {
  readonly kind: 'rejected';
  readonly audience: AudienceClass;
  readonly reason: RejectionReason;
}

/** Tokens that were judged valid, and counted as accepted, which the API then answered 401. */
export interface UnauthorizedRecord extends Seen {
  readonly kind: 'unauthorized';
  readonly audience: MigrationClass;
}

/** Tokens that could not be judged. */
export interface UnavailableRecord extends Seen {
  readonly kind: 'unavailable';
}

export interface DurationsRecord {
  readonly kind: 'durations';
  readonly outcome: Outcome;
  /** How many took at most each of {@link DURATION_BOUNDS_SECONDS}, not cumulative; one more for the longer ones. */
  readonly counts: readonly number[];
  readonly sumSeconds: number;
}

/** Every other line of a batch. Holds no token, subject or claim but what the list of stragglers needs. */
export type JudgementRecord =
  | AcceptedRecord
  | RejectedRecord
  | UnauthorizedRecord
  | UnavailableRecord
  | DurationsRecord;
