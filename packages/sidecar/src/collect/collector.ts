import { attachRejectedToken, type Clock } from '@crossfade/core';
import type {
  AcceptedRecord,
  CountedJudgement,
  CountedRejection,
  DisagreementRecord,
  JudgementBatchHead,
  JudgementRecord,
  RejectedRecord,
} from '@crossfade/validator/collector';
import type { Durations, Meter } from '@crossfade/validator/meter';
import type { LegacyLog } from '../meter/legacy-log.ts';
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
    const { version, sequence, lost } = head;
    const judgements = records.reduce((sum, record) => sum + judgementsIn(record), 0);
    const { action } = senders.receive(head, judgements);
    if (action === 'refuse_full') return { result: 'unavailable' };
    if (action === 'skip_duplicate') return { result: 'duplicate', sequence, judgements: 0 };
    const nowMs = now();
    for (const record of records) countRecord(record, version, parts, nowMs);
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

/** Only these records count judgements; the others say more about judgements that are counted already. */
function judgementsIn(record: JudgementRecord): number {
  return record.kind === 'accepted' || record.kind === 'rejected' || record.kind === 'unavailable' ? record.count : 0;
}

type Version = JudgementBatchHead['version'];

function countRecord(record: JudgementRecord, version: Version, parts: CollectorParts, nowMs: number): void {
  const { meter, durations } = parts;
  switch (record.kind) {
    case 'accepted':
      countJudgement(acceptanceOf(record), record, version, parts, nowMs - record.ageMs);
      break;
    case 'rejected':
      countJudgement(rejectionOf(record), record, version, parts, nowMs - record.ageMs);
      break;
    case 'disagreement':
      countDisagreement(record, parts, nowMs - record.ageMs);
      break;
    case 'response':
      meter.noteApiResponse(record.audience, record.response, nowMs - record.ageMs);
      break;
    case 'unauthorized':
      meter.countValidUnauthorized(record.audience, nowMs - record.ageMs, record.count);
      break;
    case 'unavailable':
      meter.countUnavailable(nowMs - record.ageMs, record.count, record.cause);
      break;
    case 'durations':
      durations.add(record);
  }
}

function acceptanceOf({ audience, afterClose, clientId, issuedAt, expiresAt }: AcceptedRecord): CountedJudgement {
  return { outcome: 'accepted', audience, afterClose, clientId, issuedAt, expiresAt };
}

function rejectionOf({ audience, reason, token }: RejectedRecord | DisagreementRecord): CountedRejection {
  const judgement = { outcome: 'rejected', audience, reason } as const;
  if (token === undefined) return judgement;
  const { clientId, issuedAt, expiresAt, expired, afterClose } = token;
  return attachRejectedToken(judgement, { clientId, issuedAt, expiresAt, expired, afterClose });
}

function countJudgement(
  judgement: CountedJudgement,
  record: AcceptedRecord | RejectedRecord,
  version: Version,
  { meter, stragglers, legacyLog }: CollectorParts,
  seenMs: number,
): void {
  meter.count(judgement, seenMs, record.count);
  if (namesItsClient(record, version)) stragglers.note(judgement, seenMs, record.count);
  else stragglers.noteUnnamed();
  legacyLog.note(judgement, seenMs, record.count);
}

function countDisagreement(record: DisagreementRecord, { meter, stragglers }: CollectorParts, seenMs: number): void {
  const judgement = rejectionOf(record);
  meter.countDisagreement(judgement, seenMs, record.count);
  if (record.token?.others === true) stragglers.noteUnnamed();
  else stragglers.noteDisagreement(judgement, seenMs, record.count);
}

/** Whether the client is named wherever it would be listed. Version 1 names clients of accepted legacy tokens only. */
function namesItsClient(record: AcceptedRecord | RejectedRecord, version: Version): boolean {
  const { audience } = record;
  if (audience !== 'legacy' && audience !== 'bridge') return true;
  if (record.kind === 'accepted') return record.others !== true && (version > 1 || audience === 'legacy');
  if (record.token === undefined) return record.reason === 'expired';
  return record.token.others !== true;
}
