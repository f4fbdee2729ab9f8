import type { AudienceClass, MigrationClass, ObservedAcceptance, Outcome, RejectionReason } from '@crossfade/core';

/** The version of this format; a collector rejects others. */
export const JUDGEMENT_BATCH_VERSION = 1;

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
  readonly version: typeof JUDGEMENT_BATCH_VERSION;
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

export interface AcceptedRecord extends Seen {
  readonly kind: 'accepted';
  readonly audience: MigrationClass;
  readonly afterClose: Outcome;
  /** Of legacy tokens only. */
  readonly clientId?: string;
  /** Of clients beyond those that the batch can name. */
  readonly others?: true;
  /** The newest `iat`, in seconds; absent if no token has one. */
  readonly issuedAt?: number;
  /** The latest `exp`, in seconds. */
  readonly expiresAt: number;
}

export interface RejectedRecord extends Seen {
  readonly kind: 'rejected';
  readonly audience: AudienceClass;
  readonly reason: RejectionReason;
}

/** Tokens that were judged valid and counted as accepted, but got a 401 from the API. */
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
  /** Counts per bucket of {@link DURATION_BOUNDS_SECONDS}, not cumulative, with one more for longer durations. */
  readonly counts: readonly number[];
  readonly sumSeconds: number;
}

/** Every other line of a batch. Holds no token or subject, and only the claims that the list of stragglers needs. */
export type JudgementRecord =
  | AcceptedRecord
  | RejectedRecord
  | UnauthorizedRecord
  | UnavailableRecord
  | DurationsRecord;
