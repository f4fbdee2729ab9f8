import type { ObservedAcceptance } from '@crossfade/core';
import type { JudgementAggregator, SealedJudgements } from './judgement-aggregator.ts';
import { JUDGEMENT_BATCH_VERSION, type JudgementBatchHead } from './judgement-batch.ts';

/** One batch, until a collector has counted it or it is dropped. */
export interface OutgoingBatch {
  readonly sequence: number;
  readonly judgements: number;
  /** The text to deliver at `nowMs`. Only the ages and the acceptance differ between deliveries. */
  body(nowMs: number): string;
}

/**
 * Turns records into batches, one at a time: the next one is made when the last one is counted or dropped, so a batch
 * never changes after it may have been delivered.
 */
export interface BatchQueue {
  /** The batch to deliver now; the same one until it is counted or dropped. */
  next(): OutgoingBatch;
  /** A collector has counted the batch. */
  counted(batch: OutgoingBatch): void;
  /** The batch will not be sent again; the next one reports its judgements as lost. */
  dropped(batch: OutgoingBatch): void;
  /** Marks batches from now on as the last of this process. */
  closing(): void;
  /** The batch that is neither counted nor dropped yet. */
  unsettled(): OutgoingBatch | undefined;
  /** How many judgements wait to be counted, without the lost ones. */
  pending(): number;
  lost(): number;
}

export interface BatchQueueParts {
  readonly aggregator: JudgementAggregator;
  readonly sender: string;
  readonly name: string | undefined;
  readonly acceptance: () => ObservedAcceptance;
}

export function createBatchQueue({ aggregator, sender, name, acceptance }: BatchQueueParts): BatchQueue {
  let sequence = 0;
  let isClosing = false;
  let unsettled: OutgoingBatch | undefined;
  let lost = 0;
  let unreported = 0;
  let reported = 0;

  const seal = (): OutgoingBatch => {
    sequence += 1;
    reported = unreported;
    const sealed = aggregator.seal();
    const head = {
      version: JUDGEMENT_BATCH_VERSION,
      sender,
      sequence,
      acknowledged: sequence - 1,
      lost: reported,
    } as const;
    const named = { ...head, ...(name !== undefined && { name }), ...(isClosing && { closing: true as const }) };
    return {
      sequence,
      judgements: sealed.judgements,
      body: (nowMs) => textOf({ ...named, acceptance: acceptance() }, sealed, nowMs),
    };
  };
  return {
    next() {
      unsettled ??= seal();
      return unsettled;
    },
    counted() {
      unsettled = undefined;
      unreported -= reported;
    },
    dropped({ judgements }) {
      unsettled = undefined;
      lost += judgements;
      unreported += judgements;
    },
    closing() {
      isClosing = true;
    },
    unsettled: () => unsettled,
    pending: () => aggregator.judgements() + (unsettled?.judgements ?? 0),
    lost: () => lost,
  };
}

function textOf(head: JudgementBatchHead, sealed: SealedJudgements, nowMs: number): string {
  return [head, ...sealed.records(nowMs)].map((line) => `${JSON.stringify(line)}\n`).join('');
}
