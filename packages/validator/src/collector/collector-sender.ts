import { randomUUID } from 'node:crypto';
import {
  type AcceptedJudgement,
  type AccessToken,
  type ApiVerdict,
  readApiResponse,
  sideOfValidToken,
  type UnavailableError,
} from '@crossfade/core';
import { createBatchQueue, type OutgoingBatch } from './batch-queue.ts';
import { createCollectorTransport, type Delivery } from './collector-transport.ts';
import { type CountedJudgement, createJudgementAggregator } from './judgement-aggregator.ts';
import { olderBatch } from './older-batch.ts';
import type { CountedRejection } from './rejection-groups.ts';
import { type CollectorSenderOptions, readSenderOptions } from './sender-options.ts';

/** What else is known about a judged request. */
export interface RecordDetails {
  /** The status of the API's response. 401 to a valid token, and 2xx to a rejected one, must never happen. */
  readonly status?: number;
  /** With gRPC, whose HTTP status says nothing: the gRPC status, 0 for OK. */
  readonly grpcStatus?: number;
  /** How long judging took. */
  readonly durationSeconds?: number;
}

/** What a sender has done since it was created. */
export interface CollectorSenderStatus {
  /** The random id of this process's start. */
  readonly sender: string;
  /** Judgements that the collector has counted. */
  readonly counted: number;
  /** Judgements that the collector has not counted yet. */
  readonly pending: number;
  /** Judgements that were dropped; the collector is told how many. */
  readonly lost: number;
  /** Why the last delivery failed; absent after a success. */
  readonly problem?: string;
}

/** Sends the judgements of this process to a sidecar in `collect` mode. */
export interface CollectorSender {
  /** Counts one judgement. Synchronous, never throws. After `close`, records are not sent. */
  record(judgement: CountedJudgement, details?: RecordDetails): void;
  /**
   * Records the API's response to a token whose judgement was recorded before the response. Leave out routes that need
   * no token: their responses prove nothing.
   */
  recordResponse(
    judgement: Pick<AccessToken, 'audience'> | CountedRejection,
    status: number,
    grpcStatus?: number,
  ): void;
  /**
   * Counts a request whose token could not be judged: it may have been a legacy one.
   * @param error names what was unavailable.
   */
  recordUnavailable(error?: Pick<UnavailableError, 'dependency'>): void;
  /** Sends all records. Resolves to whether the collector counted them; never rejects. */
  flush(): Promise<boolean>;
  /** Sends all records and signs off, within `closeTimeoutMs`. Resolves as `flush` does. Idempotent. */
  close(): Promise<boolean>;
  status(): CollectorSenderStatus;
}

const NO_DETAILS: RecordDetails = {};

/** How often to send without records: a collector treats a longer silence as a failure. */
const HEARTBEAT_MS = 5_000;
const FIRST_RETRY_MS = 250;
const LAST_RETRY_MS = 10_000;
const CLOSING_RETRY_MS = 50;
/**
 * How long to retry a batch that may have been counted already: much less than a collector remembers its sender,
 * because afterwards it would count the batch twice.
 */
const DROP_AFTER_MS = 600_000;

/**
 * Records judgements and sends them to a collector in batches, each counted once even if it is sent repeatedly. While
 * the collector is unreachable, everything is kept in bounded memory: like judgements are counted together. A process
 * that is killed loses its undelivered records; the collector notices its silence.
 *
 * Keeps no process alive: `close` it before exiting. Sees only requests that reach a validator.
 *
 * @throws {@link ConfigError} with every problem of the options.
 * @example
 * const sender = createCollectorSender({ url: 'http://127.0.0.1:9464', validator });
 * await app.register(crossfade, { validator, onJudgement: (judgement) => sender.record(judgement) });
 */
export function createCollectorSender(options: CollectorSenderOptions): CollectorSender {
  const { address, validator, name, intervalMs, timeoutMs, closeTimeoutMs } = readSenderOptions(options);
  const sender = randomUUID();
  const aggregator = createJudgementAggregator();
  const queue = createBatchQueue({ aggregator, sender, name, acceptance: () => validator.acceptance() });
  const transport = createCollectorTransport(address);
  let counted = 0;
  let failures = 0;
  let problem: string | undefined;
  let lastCountedMs = Number.NEGATIVE_INFINITY;
  let uncertainSinceMs: number | undefined;
  let timer: NodeJS.Timeout | undefined;
  let delivering: Promise<unknown> = Promise.resolve();
  let closed: Promise<boolean> | undefined;

  const settle = (batch: OutgoingBatch, delivery: Delivery, nowMs: number) => {
    problem = delivery.end === 'counted' ? undefined : delivery.problem;
    failures = delivery.end === 'counted' ? 0 : failures + 1;
    if (delivery.end === 'counted') {
      counted += batch.judgements;
      lastCountedMs = nowMs;
      queue.counted(batch);
    }
    if (delivery.end === 'unknown') uncertainSinceMs ??= nowMs;
    const isOverdue = uncertainSinceMs !== undefined && nowMs - uncertainSinceMs > DROP_AFTER_MS;
    if (delivery.end === 'refused' || (delivery.end !== 'counted' && isOverdue)) queue.dropped(batch);
    if (queue.unsettled() === undefined) uncertainSinceMs = undefined;
  };
  const deliverNext = async (limits: { timeoutMs: number; holdsProcess: boolean }): Promise<boolean> => {
    const batch = queue.next();
    const body = batch.body(performance.now());
    let delivery = await transport.deliver(body, limits);
    // What is refused was not counted, so it may be said again in older words.
    const older = delivery.end === 'refused' ? olderBatch(body) : undefined;
    if (older !== undefined) delivery = await transport.deliver(older, limits);
    settle(batch, delivery, performance.now());
    return delivery.end === 'counted';
  };
  /** One delivery at a time. */
  const deliver = (limits: { timeoutMs: number; holdsProcess: boolean }): Promise<boolean> => {
    const delivered = delivering.then(() => deliverNext(limits));
    delivering = delivered.catch(() => {});
    return delivered.catch(() => false);
  };
  const hasUnsent = () => queue.unsettled() !== undefined || !aggregator.isEmpty();

  const schedule = (delayMs: number) => {
    timer = setTimeout(async () => {
      const isDue = hasUnsent() || performance.now() - lastCountedMs >= HEARTBEAT_MS;
      if (isDue) await deliver({ timeoutMs, holdsProcess: false });
      if (closed === undefined) schedule(failures === 0 ? intervalMs : retryDelayMs(failures));
    }, delayMs).unref();
  };

  const sendLast = async (): Promise<boolean> => {
    clearTimeout(timer);
    const deadlineMs = performance.now() + closeTimeoutMs;
    // Also ends a delivery that hangs, and keeps the process alive until the last batch is sent.
    const deadline = setTimeout(transport.close, closeTimeoutMs);
    let isLast = false;
    for (let leftMs = closeTimeoutMs; leftMs > 0; leftMs = deadlineMs - performance.now()) {
      if (queue.unsettled() === undefined) {
        queue.closing();
        isLast = true;
      }
      const isCounted = await deliver({ timeoutMs: Math.min(timeoutMs, leftMs), holdsProcess: true });
      if (isCounted && isLast) break;
      if (!isCounted) await pause(CLOSING_RETRY_MS);
    }
    clearTimeout(deadline);
    transport.close();
    return queue.pending() === 0 && queue.lost() === 0;
  };

  const compare = (
    judgement: CountedRejection | Pick<AcceptedJudgement, 'outcome' | 'audience'>,
    verdict: ApiVerdict,
    nowMs: number,
  ) => {
    if (verdict === 'unclear') return;
    if (judgement.outcome === 'accepted') {
      if (verdict === 'refused') aggregator.addUnauthorized(judgement.audience, nowMs);
    } else if (verdict === 'taken' && judgement.reason !== 'missing_token')
      aggregator.addDisagreement(judgement, nowMs);
    const side = sideOfValidToken(judgement);
    if (side !== undefined) aggregator.addResponse(side, verdict === 'taken' ? 'accepted' : 'unauthorized', nowMs);
  };

  schedule(0);
  return {
    record(judgement, details = NO_DETAILS) {
      const nowMs = performance.now();
      aggregator.add(judgement, nowMs);
      if (details.durationSeconds !== undefined) aggregator.addDuration(judgement.outcome, details.durationSeconds);
      if (details.status !== undefined) compare(judgement, verdictOf(details.status, details.grpcStatus), nowMs);
    },
    recordResponse(judgement, status, grpcStatus) {
      const judged = 'reason' in judgement ? judgement : { outcome: 'accepted' as const, audience: judgement.audience };
      compare(judged, verdictOf(status, grpcStatus), performance.now());
    },
    recordUnavailable: (error) => aggregator.addUnavailable(error?.dependency, performance.now()),
    async flush() {
      if (closed !== undefined) return (await closed) && queue.pending() === 0;
      const lostBefore = queue.lost();
      if (queue.unsettled() !== undefined && !(await deliver({ timeoutMs, holdsProcess: false }))) return false;
      if (!aggregator.isEmpty() && !(await deliver({ timeoutMs, holdsProcess: false }))) return false;
      return queue.lost() === lostBefore;
    },
    close() {
      closed ??= sendLast();
      return closed;
    },
    status: () => ({
      sender,
      counted,
      pending: queue.pending(),
      lost: queue.lost(),
      ...(problem !== undefined && { problem }),
    }),
  };
}

function verdictOf(status: number, grpcStatus: number | undefined): ApiVerdict {
  if (grpcStatus === undefined) return readApiResponse({ status });
  return readApiResponse({ status, contentType: 'application/grpc', grpcStatus: String(grpcStatus) });
}

/** Exponential backoff with jitter, so that a collector that restarts does not hear from all senders at once. */
function retryDelayMs(failures: number): number {
  return Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** (failures - 1)) * (0.5 + Math.random() / 2);
}

function pause(delayMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, delayMs));
}
