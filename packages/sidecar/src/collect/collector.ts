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

/** What became of a batch. */
export type BatchResult =
  | { readonly result: 'counted' | 'duplicate'; readonly sequence: number; readonly judgements: number }
  | { readonly result: 'refused'; readonly problem: BatchProblem }
  | { readonly result: 'unavailable' };

/** Counts what validators in other processes judged. */
export interface Collector {
  /** Counts a batch once, however often it arrives: all of it or nothing. */
  receive(text: string): BatchResult;
  /** The number of batches by result. */
  batches(): Readonly<Record<BatchResult['result'], number>>;
}

export function createCollector(parts: CollectorParts): Collector {
  const { meter, senders, now } = parts;
  const batches = { counted: 0, duplicate: 0, refused: 0, unavailable: 0 };

  const receiveBatch = ({ head, records }: JudgementBatch): BatchResult => {
    const { sequence, lost } = head;
    const judgements = records.reduce((sum, record) => sum + judgementsIn(record), 0);
    const { action } = senders.receive(head, judgements);
    if (action === 'refuse_full') return { result: 'unavailable' };
    if (action === 'skip_duplicate') return { result: 'duplicate', sequence, judgements: 0 };
    const nowMs = now();
    for (const record of records) countRecord(record, parts, nowMs);
    // Lost judgements were requests, whose tokens will stay unknown.
    if (lost > 0) meter.countUnavailable(nowMs, lost);
    return { result: 'counted', sequence, judgements };
  };
  return {
    receive(text) {
      const read = readBatch(text);
      const received: BatchResult = 'problem' in read ? { result: 'refused', ...read } : receiveBatch(read.batch);
      batches[received.result] += 1;
      return received;
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
  if (audience === 'target') return;
  if (record.others === true) stragglers.noteUnnamed();
  else stragglers.note(judgement, seenMs, count);
  legacyLog.note(judgement, seenMs, count);
}
