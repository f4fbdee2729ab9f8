import type { Clock } from '@crossfade/core';
import type { AcceptedRecord, JudgementRecord } from '@crossfade/validator/collector';
import type { Durations } from '../meter/durations.ts';
import type { LegacyLog } from '../meter/legacy-log.ts';
import type { Meter } from '../meter/meter.ts';
import type { Stragglers } from '../meter/stragglers.ts';
import { type BatchProblem, type JudgementBatch, readBatch } from './read-batch.ts';
import type { Senders } from './senders.ts';

export interface CollectorParts {
  readonly meter: Meter;
  readonly durations: Durations;
  readonly stragglers: Stragglers;
  readonly legacyLog: LegacyLog;
  readonly senders: Senders;
  readonly now: Clock;
}

/** What came of a batch. */
export type BatchResult =
  | { readonly result: 'counted' | 'duplicate'; readonly sequence: number; readonly judgements: number }
  | { readonly result: 'refused'; readonly problem: BatchProblem }
  | { readonly result: 'unavailable' };

export const BATCH_RESULTS = ['counted', 'duplicate', 'refused', 'unavailable'] as const;

/** Counts what validators in other processes have judged. */
export interface Collector {
  /** Counts a batch as a whole, once, however often it arrives; or nothing of it. */
  take(text: string): BatchResult;
  /** How many batches ended in which way. */
  batches(): Readonly<Record<BatchResult['result'], number>>;
}

export function createCollector(parts: CollectorParts): Collector {
  const { meter, senders, now } = parts;
  const batches = { counted: 0, duplicate: 0, refused: 0, unavailable: 0 };

  const takeBatch = ({ head, records }: JudgementBatch): BatchResult => {
    const { sequence, lost } = head;
    const judgements = records.reduce((sum, record) => sum + judgementsIn(record), 0);
    const hearing = senders.hear(head, judgements);
    if (hearing.to === 'refuse_full') return { result: 'unavailable' };
    if (hearing.to === 'skip_duplicate') return { result: 'duplicate', sequence, judgements: 0 };
    const nowMs = now();
    for (const record of records) countRecord(record, parts, nowMs);
    // They were requests, and nobody will know any more what their tokens were.
    if (lost > 0) meter.countUnavailable(nowMs, lost);
    return { result: 'counted', sequence, judgements };
  };
  return {
    take(text) {
      const read = readBatch(text);
      const taking: BatchResult = 'problem' in read ? { result: 'refused', ...read } : takeBatch(read.batch);
      batches[taking.result] += 1;
      return taking;
    },
    batches: () => batches,
  };
}

function judgementsIn(record: JudgementRecord): number {
  return record.kind === 'durations' || record.kind === 'unauthorized' ? 0 : record.count;
}

function countRecord(record: JudgementRecord, parts: CollectorParts, nowMs: number): void {
  const { meter, durations } = parts;
  switch (record.kind) {
    case 'accepted':
      countAccepted(record, parts, nowMs - record.ageMs);
      break;
    case 'rejected':
      meter.count({ ...record, outcome: 'rejected' }, nowMs - record.ageMs, record.count);
      break;
    case 'unauthorized':
      meter.countValidUnauthorized(record.audience, nowMs - record.ageMs, record.count);
      break;
    case 'unavailable':
      meter.countUnavailable(nowMs - record.ageMs, record.count);
      break;
    case 'durations':
      durations.add(record);
  }
}

function countAccepted(record: AcceptedRecord, { meter, stragglers, legacyLog }: CollectorParts, seenMs: number): void {
  const { audience, afterClose, clientId, issuedAt, expiresAt, count } = record;
  const judgement = { outcome: 'accepted', audience, afterClose, clientId, issuedAt, expiresAt } as const;
  meter.count(judgement, seenMs, count);
  if (audience !== 'legacy') return;
  if (record.others === true) stragglers.noteOthers();
  else stragglers.note(judgement, seenMs, count);
  legacyLog.note(judgement, seenMs, count);
}
