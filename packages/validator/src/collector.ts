export type { CollectorSender, CollectorSenderStatus, RecordDetails } from './collector/collector-sender.ts';
export { createCollectorSender } from './collector/collector-sender.ts';
export type { CountedJudgement } from './collector/judgement-aggregator.ts';
export type {
  AcceptedRecord,
  DisagreementRecord,
  DurationsRecord,
  JudgementBatchHead,
  JudgementRecord,
  RejectedRecord,
  RejectedTokenRecord,
  ResponseRecord,
  UnauthorizedRecord,
  UnavailableRecord,
} from './collector/judgement-batch.ts';
export {
  DURATION_BOUNDS_SECONDS,
  JUDGEMENT_BATCH_MEDIA_TYPE,
  JUDGEMENT_BATCH_PATH,
  JUDGEMENT_BATCH_VERSION,
  READABLE_BATCH_VERSIONS,
} from './collector/judgement-batch.ts';
export type { CountedRejection } from './collector/rejection-groups.ts';
export type { CollectorSenderOptions } from './collector/sender-options.ts';
