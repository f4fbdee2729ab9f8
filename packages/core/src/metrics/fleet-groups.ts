import { SIDES, type Side } from '../vocabulary/side.ts';
import { type FleetScope, type InstantQuery, type InstantSample, readFleetScope } from './fleet-scope.ts';
import { METRICS } from './metrics.ts';
import { readSideGroups, responsesOf, type SideGroup, secondsOf, sideAsker } from './side-groups.ts';

/** How many instances are read one by one; a larger fleet is read in groups, and so many are named that need attention. */
export const MAX_NAMED = 20;
/** No query returns more series. */
const MAX_SERIES = 100;

/** What a reading of a fleet is for. */
export interface FleetRequest {
  readonly migration: string;
  /** The moments that the rules for a side compare with, ascending. */
  readonly marksMs: Readonly<Record<Side, readonly number[]>>;
  readonly nowMs: number;
  /** Since when a refused valid token makes an instance worth a name; absent: none does. */
  readonly refusedSinceMs?: number;
  /** Whether one that refuses legacy is worth a name. */
  readonly isLegacyOpen: boolean;
  /** The hash of the flags that all should hold; absent: those that most hold. */
  readonly hash?: string;
  /** Instances to name in any case, and to leave out of the groups. */
  readonly names?: readonly string[];
}

/** Instances that hold the same flags. `null` is unknown. */
export interface FleetFlags {
  readonly count: number;
  readonly revision: string | null;
  readonly source: string | null;
  readonly hash: string | null;
  readonly percent: number | null;
}

/** A large fleet, grouped by what its instances show: each instance is in one group of every list. */
export interface FleetGroups {
  readonly count: number;
  readonly sides: Readonly<Record<Side, readonly SideGroup[]>>;
  readonly flags: readonly FleetFlags[];
  /** How many do not tell when they saw legacy tokens. */
  readonly silentOfLegacy: number;
  /** How many enforce without the keys of target. */
  readonly missingTargetKeys: number;
}

export interface FleetReading {
  readonly live: number;
  /** `null`: the fleet is small enough to read each instance. */
  readonly groups: FleetGroups | null;
  /** Of a large fleet, those that need attention, most urgent first; at most {@link MAX_NAMED}. */
  readonly named: readonly string[];
}

/** Reads how many instances there are, and groups them where there are many. Its cost does not depend on how they differ. */
export async function readFleetGroups(query: InstantQuery, request: FleetRequest): Promise<FleetReading> {
  const scope = await readFleetScope(query, request.migration, request.names);
  if (scope.live <= MAX_NAMED) return { live: scope.live, groups: null, named: [] };
  const groupsOf = (side: Side) =>
    readSideGroups(sideAsker(query, scope, side), {
      live: scope.live,
      marksMs: request.marksMs[side],
      nowMs: request.nowMs,
    });
  const [legacy, target, flags, telling] = await Promise.all([
    groupsOf('legacy'),
    groupsOf('target'),
    readFlags(query, scope),
    query(`count(${lastSeenOf(scope)} >= 0)`),
  ]);
  const judging = (side: readonly SideGroup[]) => sum(side.filter(({ commanded }) => commanded !== undefined));
  const groups: FleetGroups = {
    count: scope.live,
    sides: { legacy, target },
    flags,
    silentOfLegacy: Math.max(0, scope.live - (telling[0]?.value ?? 0)),
    missingTargetKeys: Math.max(0, judging(legacy) - judging(target)),
  };
  return { live: scope.live, groups, named: await findNamed(query, scope, groups, request) };
}

function lastSeenOf(scope: FleetScope): string {
  return scope.select(METRICS.lastSeen, ',audience="legacy"');
}

/** Older instances tell no hash, or no flags at all: then the share is part of what they hold. */
async function readFlags(query: InstantQuery, scope: FleetScope): Promise<readonly FleetFlags[]> {
  const by = ['revision', 'source', 'hash'];
  const flags = (labels = '') => scope.select(METRICS.flagsInfo, labels, by);
  const percent = scope.select(METRICS.issuancePercent);
  const few = (promql: string) => query(`topk(${MAX_SERIES}, ${promql})`);
  const [held, shares] = await Promise.all([
    few(`count by (${by.join(', ')}) (${flags()})`),
    few(`count_values("percent", ${percent})`),
  ]);
  const hashed = held.filter(({ labels }) => labels['hash']).map((sample) => flagsOf(sample, onlyShare(shares)));
  if (sum(hashed) >= scope.live) return hashed;
  const join = `${flags(',hash=""')} * on (job, instance) group_left () max by (job, instance) (${percent})`;
  const older = await Promise.all([
    few(`count_values by (revision, source) ("percent", ${join})`),
    few(`count_values("percent", ${percent} unless on (job, instance) ${flags()})`),
  ]);
  const known = [...hashed, ...older.flat().map((sample) => flagsOf(sample, null))];
  const count = scope.live - sum(known);
  return count > 0 ? [...known, { count, revision: null, source: null, hash: null, percent: null }] : known;
}

/** The share that every instance has; `null` where they differ. */
function onlyShare(shares: readonly InstantSample[]): string | null {
  return shares.length === 1 ? (shares[0]?.labels['percent'] ?? null) : null;
}

function flagsOf({ labels, value }: InstantSample, share: string | null): FleetFlags {
  const percent = labels['percent'] ?? share;
  const label = (name: string) => labels[name] || null;
  return {
    count: value,
    revision: label('revision'),
    source: label('source'),
    hash: label('hash'),
    percent: percent === null ? null : Number(percent),
  };
}

/** Names those that need attention. Only a group that needs it costs a query. */
async function findNamed(
  query: InstantQuery,
  scope: FleetScope,
  { sides, flags, silentOfLegacy, missingTargetKeys }: FleetGroups,
  { refusedSinceMs, isLegacyOpen, hash, names = [] }: FleetRequest,
): Promise<readonly string[]> {
  const accepts = (side: Side) => scope.select(METRICS.accepts, `,audience="${side}"`);
  const wanted = hash ?? flags.toSorted((one, other) => other.count - one.count)[0]?.hash ?? '';
  const elsewhere = `,hash!=${JSON.stringify(wanted)}`;
  const isRefused = (side: Side) => sides[side].some(({ unauthorizedMs }) => unauthorizedMs !== null);
  const isClosed = (side: Side) => sides[side].some(({ commanded }) => commanded === false);
  const searches: readonly (string | false)[] = [
    ...SIDES.map((side) => {
      const since = refusedSinceMs !== undefined && isRefused(side) && secondsOf(refusedSinceMs);
      return since && `${responsesOf(scope, side, 'unauthorized')} >= ${since}`;
    }),
    isClosed('target') && `${accepts('target')} == 0`,
    isLegacyOpen && isClosed('legacy') && `${accepts('legacy')} == 0`,
    missingTargetKeys > 0 && `${accepts('legacy')} unless on (job, instance) ${accepts('target')}`,
    silentOfLegacy > 0 && `${scope.select(METRICS.buildInfo)} unless on (job, instance) (${lastSeenOf(scope)} >= 0)`,
    flags.some((held) => held.hash !== wanted) &&
      scope.select(METRICS.flagsInfo, elsewhere, ['revision', 'source', 'hash']),
  ];
  const found = await Promise.all(
    searches.filter((promql) => promql !== false).map((promql) => query(`topk(${MAX_NAMED}, ${promql})`)),
  );
  const instances = found.flat().map(({ labels }) => labels['instance'] ?? '');
  return [...new Set([...names, ...instances])].slice(0, MAX_NAMED);
}

function sum(groups: readonly { readonly count: number }[]): number {
  return groups.reduce((total, { count }) => total + count, 0);
}
