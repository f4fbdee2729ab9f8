import {
  type AcceptedJudgement,
  AUDIENCE_CLASSES,
  DEPENDENCIES,
  type Dependency,
  type MigrationClass,
  OUTCOMES,
  type Outcome,
  SIDES,
  type Side,
} from '@crossfade/core';
import { DURATION_BOUNDS_SECONDS, type JudgementRecord, type ResponseRecord } from './judgement-batch.ts';
import {
  type ClientKey,
  clientName,
  clientOf,
  count,
  emptyGroup,
  type Group,
  OTHERS,
  seenOf,
  timesOf,
} from './judgement-group.ts';
import { type CountedRejection, createRejectionGroups } from './rejection-groups.ts';

/** The parts of an accepted judgement that are counted. */
type CountedAcceptance = Pick<
  AcceptedJudgement,
  'outcome' | 'audience' | 'afterClose' | 'clientId' | 'issuedAt' | 'expiresAt'
>;

/** The parts of a judgement that are counted. */
export type CountedJudgement = CountedAcceptance | CountedRejection;

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
  addDisagreement(judgement: CountedRejection, seenMs: number): void;
  addResponse(side: Side, response: ResponseRecord['response'], seenMs: number): void;
  /** @param cause what was unavailable; `undefined` if unknown. */
  addUnavailable(cause: Dependency | undefined, seenMs: number): void;
  addDuration(outcome: Outcome, durationSeconds: number): void;
  /** How many judgements it holds. */
  judgements(): number;
  /** Whether it holds nothing, not even a duration. */
  isEmpty(): boolean;
  /** Returns what was counted, and starts from zero. */
  seal(): SealedJudgements;
}

/** How many clients one batch names for each kind of record; a collector remembers no more. */
const MAX_CLIENTS = 500;

const AUDIENCE_INDEX = indexOf(AUDIENCE_CLASSES);
const MIGRATION_CLASSES = ['legacy', 'target', 'bridge'] as const;

export function createJudgementAggregator(maxClients = MAX_CLIENTS): JudgementAggregator {
  let counted = emptyCounts(maxClients);

  return {
    add(judgement, seenMs) {
      if (judgement.outcome === 'accepted') {
        count(acceptedGroup(counted, judgement, maxClients), seenMs, judgement.issuedAt ?? 0, judgement.expiresAt);
      } else {
        counted.rejected.add(judgement, isListed(judgement) ? 'named' : 'unnamed', seenMs);
      }
      counted.judgements += 1;
    },
    addUnauthorized(audience, seenMs) {
      count(groupAt(counted.unauthorized, AUDIENCE_INDEX[audience]), seenMs);
    },
    addDisagreement(judgement, seenMs) {
      counted.disagreements.add(judgement, 'named', seenMs);
    },
    addResponse(side, response, seenMs) {
      count(counted.responses[side][response], seenMs);
    },
    addUnavailable(cause, seenMs) {
      count(counted.unavailable[cause ?? 'unknown'], seenMs);
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
      counted = emptyCounts(maxClients);
      return { judgements: sealed.judgements, records: (nowMs) => recordsOf(sealed, nowMs) };
    },
  };
}

type Counts = ReturnType<typeof emptyCounts>;

function emptyCounts(maxClients: number) {
  const byClient = () => ({ accepted: new Map<ClientKey, Group>(), rejected: new Map<ClientKey, Group>() });
  const durations = () => ({ counts: DURATION_BOUNDS_SECONDS.map(() => 0).concat(0), sumSeconds: 0 });
  return {
    judgements: 0,
    /** By audience, then by outcome after the close, then by client. */
    accepted: { legacy: byClient(), target: byClient(), bridge: byClient() },
    rejected: createRejectionGroups(maxClients),
    disagreements: createRejectionGroups(maxClients),
    responses: { legacy: emptyResponses(), target: emptyResponses() },
    /** Sparse, by audience. */
    unauthorized: [] as Group[],
    unavailable: {
      keys: emptyGroup(),
      introspection: emptyGroup(),
      revocation: emptyGroup(),
      exchange: emptyGroup(),
      unknown: emptyGroup(),
    },
    durations: { accepted: durations(), rejected: durations() },
  };
}

/** Whether a collector lists the client of a rejected token: one that a close concerns. */
function isListed({ audience, token }: CountedRejection): boolean {
  return (audience === 'legacy' || audience === 'bridge') && token?.expired === false;
}

function emptyResponses() {
  return { accepted: emptyGroup(), unauthorized: emptyGroup() };
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
  { audience, afterClose, clientId }: CountedAcceptance,
  maxClients: number,
): Group {
  const clients = accepted[audience][afterClose];
  const client = audience === 'target' ? undefined : clientId;
  const known = clients.get(client);
  return known ?? addClient(clients, client, maxClients);
}

function addClient(clients: Map<ClientKey, Group>, client: string | undefined, maxClients: number): Group {
  const key = clients.size < maxClients ? clientName(client) : OTHERS;
  const group = clients.get(key) ?? emptyGroup();
  clients.set(key, group);
  return group;
}

function recordsOf(counts: Counts, nowMs: number): JudgementRecord[] {
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
          ...seenOf(group, nowMs),
        });
      }
    }
    const unauthorized = counts.unauthorized[AUDIENCE_INDEX[audience]];
    if (unauthorized !== undefined) records.push({ kind: 'unauthorized', audience, ...seenOf(unauthorized, nowMs) });
  }
  for (const record of counts.rejected.records(nowMs)) records.push({ kind: 'rejected', ...record });
  for (const record of counts.disagreements.records(nowMs)) records.push({ kind: 'disagreement', ...record });
  for (const audience of SIDES) {
    for (const response of ['accepted', 'unauthorized'] as const) {
      const group = counts.responses[audience][response];
      if (group.count > 0) records.push({ kind: 'response', audience, response, ...seenOf(group, nowMs) });
    }
  }
  for (const cause of [...DEPENDENCIES, 'unknown'] as const) {
    const group = counts.unavailable[cause];
    if (group.count === 0) continue;
    records.push({ kind: 'unavailable', ...(cause !== 'unknown' && { cause }), ...seenOf(group, nowMs) });
  }
  for (const outcome of OUTCOMES) {
    const { counts: buckets, sumSeconds } = counts.durations[outcome];
    if (buckets.some((count) => count > 0)) records.push({ kind: 'durations', outcome, counts: buckets, sumSeconds });
  }
  return records;
}

function indexOf<Name extends string>(names: readonly Name[]): Readonly<Record<Name, number>> {
  return Object.fromEntries(names.map((name, index) => [name, index])) as Record<Name, number>;
}
