import { SIDES, type Side } from '../vocabulary/side.ts';
import { type FleetScope, type InstantQuery, type InstantSample, readFleetScope } from './fleet-scope.ts';
import { METRICS } from './metrics.ts';
import { readRefusals, readSideGroups, responsesOf, type SideGroup, secondsOf, sideAsker } from './side-groups.ts';

/** How many instances are read one by one; a larger fleet is read in groups, and so many are named that need attention. */
export const MAX_NAMED = 20;
/** No query returns more series. */
const MAX_SERIES = 100;

/** What instances show: of one side, which valid tokens of either side they refused, or which flags they hold. */
export type ShownPart = Side | 'refusals' | 'flags';

/** What a reading of a fleet is for. */
export interface FleetRequest {
  readonly migration: string;
  /** What is asked; everything by default. The rest is unknown of each instance. */
  readonly parts?: readonly ShownPart[];
  /** Flags that an instance showed before this moment, by the clock of what scrapes it, are told apart as old ones. */
  readonly shownSinceMs?: number;
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
  /** They were shown before the moment that the request names: they may hold others by now. */
  readonly isOld?: true;
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
  const isAsked = (part: ShownPart) => request.parts === undefined || request.parts.includes(part);
  const { nowMs, refusedSinceMs } = request;
  const groupsOf = (side: Side) => {
    const ask = sideAsker(query, scope, side);
    if (isAsked(side)) return readSideGroups(ask, { live: scope.live, marksMs: request.marksMs[side], nowMs });
    const sinceMs = isAsked('refusals') ? refusedSinceMs : undefined;
    return readRefusals(ask, { live: scope.live, sinceMs, nowMs });
  };
  const [legacy, target, flags, telling] = await Promise.all([
    groupsOf('legacy'),
    groupsOf('target'),
    isAsked('flags') ? readFlags(query, scope, request.shownSinceMs) : [{ ...UNKNOWN_FLAGS, count: scope.live }],
    query(`count(${lastSeenOf(scope)})`),
  ]);
  const judging = (side: readonly SideGroup[]) => sum(side.filter(({ commanded }) => commanded !== undefined));
  const groups: FleetGroups = {
    count: scope.live,
    sides: { legacy, target },
    flags,
    silentOfLegacy: Math.max(0, scope.live - (telling[0]?.value ?? 0)),
    missingTargetKeys: isAsked('target') ? Math.max(0, judging(legacy) - judging(target)) : 0,
  };
  return { live: scope.live, groups, named: await findNamed(query, scope, groups, request) };
}

const UNKNOWN_FLAGS = { revision: null, source: null, hash: null, percent: null };

function lastSeenOf(scope: FleetScope): string {
  return scope.select(METRICS.lastSeen, ',audience="legacy"');
}

const FLAGS = ['revision', 'source', 'hash'];

/** Older instances tell no hash, or no flags at all: then the share is part of what they hold. */
async function readFlags(
  query: InstantQuery,
  scope: FleetScope,
  shownSinceMs: number | undefined,
): Promise<readonly FleetFlags[]> {
  const flags = (labels = '') => scope.select(METRICS.flagsInfo, labels, FLAGS);
  const percent = scope.select(METRICS.issuancePercent);
  const few = (promql: string) => query(`topk(${MAX_SERIES}, ${promql})`);
  const [held, shares, shown] = await Promise.all([
    few(`count by (${FLAGS.join(', ')}) (${flags()})`),
    few(`count_values("percent", ${percent})`),
    shownSinceMs === undefined
      ? null
      : few(`count by (${FLAGS.join(', ')}) (${shownAt(scope)} >= ${secondsOf(shownSinceMs)})`),
  ]);
  const hashed = held
    .filter(({ labels }) => labels['hash'])
    .map((sample) => flagsOf(sample, onlyShare(shares)))
    .flatMap((group) => splitByAge(group, shown));
  if (sum(hashed) >= scope.live) return hashed;
  const join = `${flags(',hash=""')} * on (job, instance) group_left () max by (job, instance) (${percent})`;
  const older = await Promise.all([
    few(`count_values by (revision, source) ("percent", ${join})`),
    few(`count_values("percent", ${percent} unless on (job, instance) ${flags()})`),
  ]);
  const known = [...hashed, ...older.flat().map((sample) => flagsOf(sample, null))];
  const count = scope.live - sum(known);
  return count > 0 ? [...known, { ...UNKNOWN_FLAGS, count }] : known;
}

/** Selects when each instance last showed its flags. */
function shownAt(scope: FleetScope): string {
  return scope.select(METRICS.flagsInfo, '', FLAGS, 'timestamp');
}

/** Tells those apart that showed their flags before the moment that matters; `shown`: how many did after it. */
function splitByAge(group: FleetFlags, shown: readonly InstantSample[] | null): readonly FleetFlags[] {
  if (shown === null) return [group];
  const isSame = ({ labels }: InstantSample) =>
    (labels['revision'] || null) === group.revision &&
    (labels['source'] || null) === group.source &&
    labels['hash'] === group.hash;
  const fresh = Math.min(group.count, shown.find(isSame)?.value ?? 0);
  const parts: readonly FleetFlags[] = [
    { ...group, count: fresh },
    { ...group, count: group.count - fresh, isOld: true },
  ];
  return parts.filter(({ count }) => count > 0);
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
  { refusedSinceMs, isLegacyOpen, hash, names = [], shownSinceMs }: FleetRequest,
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
    silentOfLegacy > 0 && `${scope.select(METRICS.buildInfo)} unless on (job, instance) ${lastSeenOf(scope)}`,
    flags.some((held) => held.hash !== wanted) && scope.select(METRICS.flagsInfo, elsewhere, FLAGS),
    shownSinceMs !== undefined && flags.some(({ isOld }) => isOld) && `${shownAt(scope)} < ${secondsOf(shownSinceMs)}`,
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
