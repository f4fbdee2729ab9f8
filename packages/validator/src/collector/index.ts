export type { CollectorSender, CollectorSenderStatus, RecordDetails } from './collector-sender.ts';
export { createCollectorSender } from './collector-sender.ts';
export type { CountedJudgement } from './judgement-aggregator.ts';
export type {
  AcceptedRecord,
  DurationsRecord,
  JudgementBatchHead,
  JudgementRecord,
  RejectedRecord,
  UnauthorizedRecord,
  UnavailableRecord,
} from './judgement-batch.ts';
export {
  DURATION_BOUNDS_SECONDS,
  JUDGEMENT_BATCH_MEDIA_TYPE,
  JUDGEMENT_BATCH_PATH,
  JUDGEMENT_BATCH_VERSION,
} from './judgement-batch.ts';
export type { CollectorSenderOptions } from './sender-options.ts';
