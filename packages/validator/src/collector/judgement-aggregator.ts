import {
  type AcceptedJudgement,
  AUDIENCE_CLASSES,
  type MigrationClass,
  OUTCOMES,
  type Outcome,
  REJECTION_REASONS,
  type RejectedJudgement,
} from '@crossfade/core';
import { DURATION_BOUNDS_SECONDS, type JudgementRecord } from './judgement-batch.ts';

/** The parts of a judgement that are counted. */
export type CountedJudgement =
  | Pick<AcceptedJudgement, 'outcome' | 'audience' | 'afterClose' | 'clientId' | 'issuedAt' | 'expiresAt'>
  | Pick<RejectedJudgement, 'outcome' | 'audience' | 'reason' | 'token'>;

/** What was counted until `seal`. */
export interface SealedJudgements {
  /** How many judgements it holds, including tokens that could not be judged. */
  readonly judgements: number;
  /** The records at a moment: their ages grow. */
  records(nowMs: number): JudgementRecord[];
}

/**
 * Counts like judgements together, so that ten million of them take the same memory as ten. Times are in ms of a
 * monotonic clock.
 */
export interface JudgementAggregator {
  add(judgement: CountedJudgement, seenMs: number): void;
  addUnauthorized(audience: MigrationClass, seenMs: number): void;
  addUnavailable(seenMs: number): void;
  addDuration(outcome: Outcome, durationSeconds: number): void;
  /** How many judgements it holds. */
  judgements(): number;
  /** Whether it holds nothing, not even a duration. */
  isEmpty(): boolean;
  /** Returns what was counted, and starts from zero. */
  seal(): SealedJudgements;
}

/** How many legacy clients one batch names; a collector remembers no more. */
const MAX_CLIENTS = 500;
const MAX_CLIENT_ID_LENGTH = 256;
const OTHERS = Symbol('others');

interface Group {
  count: number;
  lastSeenMs: number;
  issuedAt: number;
  expiresAt: number;
}

type ClientKey = string | undefined | typeof OTHERS;

const AUDIENCE_INDEX = indexOf(AUDIENCE_CLASSES);
const REASON_INDEX = indexOf(REJECTION_REASONS);
const MIGRATION_CLASSES = ['legacy', 'target', 'bridge'] as const;

export function createJudgementAggregator(maxClients = MAX_CLIENTS): JudgementAggregator {
  let counted = emptyCounts();

  return {
    add(judgement, seenMs) {
      if (judgement.outcome === 'accepted') {
        count(acceptedGroup(counted, judgement, maxClients), seenMs, judgement.issuedAt ?? 0, judgement.expiresAt);
      } else {
        const index = AUDIENCE_INDEX[judgement.audience] * REJECTION_REASONS.length + REASON_INDEX[judgement.reason];
        count(groupAt(counted.rejected, index), seenMs);
      }
      counted.judgements += 1;
    },
    addUnauthorized(audience, seenMs) {
      count(groupAt(counted.unauthorized, AUDIENCE_INDEX[audience]), seenMs);
    },
    addUnavailable(seenMs) {
      count(counted.unavailable, seenMs);
      counted.judgements += 1;
    },
    addDuration(outcome, durationSeconds) {
      if (!(durationSeconds >= 0 && durationSeconds < Number.POSITIVE_INFINITY)) return;
      const durations = counted.durations[outcome];
      let bucket = 0;
      while (durationSeconds > (DURATION_BOUNDS_SECONDS[bucket] ?? Number.POSITIVE_INFINITY)) bucket += 1;
      durations.counts[bucket] = (durations.counts[bucket] ?? 0) + 1;
      durations.sumSeconds += durationSeconds;
    },
    judgements: () => counted.judgements,
    isEmpty: () => counted.judgements === 0 && recordsOf(counted, 0).length === 0,
    seal() {
      const sealed = counted;
      counted = emptyCounts();
      return { judgements: sealed.judgements, records: (nowMs) => recordsOf(sealed, nowMs) };
    },
  };
}

type Counts = ReturnType<typeof emptyCounts>;

function emptyCounts() {
  const byClient = () => ({ accepted: new Map<ClientKey, Group>(), rejected: new Map<ClientKey, Group>() });
  const durations = () => ({ counts: DURATION_BOUNDS_SECONDS.map(() => 0).concat(0), sumSeconds: 0 });
  return {
    judgements: 0,
    /** By audience, then by outcome after the close, then by client. */
    accepted: { legacy: byClient(), target: byClient(), bridge: byClient() },
    /** Sparse, by audience and reason. */
    rejected: [] as Group[],
    /** Sparse, by audience. */
    unauthorized: [] as Group[],
    unavailable: emptyGroup(),
    durations: { accepted: durations(), rejected: durations() },
  };
}

function emptyGroup(): Group {
  return { count: 0, lastSeenMs: 0, issuedAt: 0, expiresAt: 0 };
}

function groupAt(groups: Group[], index: number): Group {
  const known = groups[index];
  if (known !== undefined) return known;
  const group = emptyGroup();
  groups[index] = group;
  return group;
}

function acceptedGroup(
  { accepted }: Counts,
  { audience, afterClose, clientId }: Extract<CountedJudgement, { outcome: 'accepted' }>,
  maxClients: number,
): Group {
  const clients = accepted[audience][afterClose];
  const client = audience === 'legacy' ? clientId : undefined;
  const known = clients.get(client);
  return known ?? addClient(clients, client, maxClients);
}

function addClient(clients: Map<ClientKey, Group>, client: string | undefined, maxClients: number): Group {
  const key = clients.size < maxClients ? client?.slice(0, MAX_CLIENT_ID_LENGTH) : OTHERS;
  const group = clients.get(key) ?? emptyGroup();
  clients.set(key, group);
  return group;
}

function count(group: Group, seenMs: number, issuedAt = 0, expiresAt = 0): void {
  group.count += 1;
  group.lastSeenMs = seenMs;
  if (issuedAt > group.issuedAt) group.issuedAt = issuedAt;
  if (expiresAt > group.expiresAt) group.expiresAt = expiresAt;
}

function recordsOf(counts: Counts, nowMs: number): JudgementRecord[] {
  const seen = ({ count, lastSeenMs }: Group) => ({ count, ageMs: Math.max(0, Math.round(nowMs - lastSeenMs)) });
  const records: JudgementRecord[] = [];
  for (const audience of MIGRATION_CLASSES) {
    for (const afterClose of OUTCOMES) {
      for (const [client, group] of counts.accepted[audience][afterClose]) {
        records.push({
          kind: 'accepted',
          audience,
          afterClose,
          ...clientOf(client),
          ...timesOf(group),
          ...seen(group),
        });
      }
    }
    const unauthorized = counts.unauthorized[AUDIENCE_INDEX[audience]];
    if (unauthorized !== undefined) records.push({ kind: 'unauthorized', audience, ...seen(unauthorized) });
  }
  for (const audience of AUDIENCE_CLASSES) {
    for (const reason of REJECTION_REASONS) {
      const group = counts.rejected[AUDIENCE_INDEX[audience] * REJECTION_REASONS.length + REASON_INDEX[reason]];
      if (group !== undefined) records.push({ kind: 'rejected', audience, reason, ...seen(group) });
    }
  }
  if (counts.unavailable.count > 0) records.push({ kind: 'unavailable', ...seen(counts.unavailable) });
  for (const outcome of OUTCOMES) {
    const { counts: buckets, sumSeconds } = counts.durations[outcome];
    if (buckets.some((count) => count > 0)) records.push({ kind: 'durations', outcome, counts: buckets, sumSeconds });
  }
  return records;
}

function clientOf(client: ClientKey): { clientId?: string; others?: true } {
  if (client === OTHERS) return { others: true };
  return client === undefined ? {} : { clientId: client };
}

/** Clamps times that JSON cannot represent. */
function timesOf({ issuedAt, expiresAt }: Group): { issuedAt?: number; expiresAt: number } {
  const latest = Math.min(expiresAt, Number.MAX_SAFE_INTEGER);
  return issuedAt > 0
    ? { issuedAt: Math.min(issuedAt, Number.MAX_SAFE_INTEGER), expiresAt: latest }
    : { expiresAt: latest };
}

function indexOf<Name extends string>(names: readonly Name[]): Readonly<Record<Name, number>> {
  return Object.fromEntries(names.map((name, index) => [name, index])) as Record<Name, number>;
}
