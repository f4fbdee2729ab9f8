import { createHash } from 'node:crypto';
import { canonicalFlags, compareFlags, type FlagDocument, isOtherStore } from '@crossfade/core';
import type { FleetFlags } from '@crossfade/core/metrics';
import type { StoredPosition } from '../flag-store/flag-position.ts';
import type { FleetSnapshot, MeterReading, MissingMeter } from './fleet.ts';
import { describeRest } from './fleet-size.ts';

/** The flags in the store, as meters name them. */
export interface StoreFlags {
  /** The store's name; `null` if it does not tell. */
  readonly source: string | null;
  readonly hash: string;
  readonly percent: number;
  readonly revision: string | null;
}

export function storeFlagsOf({ stored, document }: StoredPosition): StoreFlags {
  return {
    source: stored.source ?? null,
    hash: stored.hash ?? hashOfFlags(document),
    percent: document.issuance.percent,
    revision: document.issuance.revision,
  };
}

/** Returns the hash by which meters name the flags that they hold. */
export function hashOfFlags(document: FlagDocument): string {
  return createHash('sha256').update(canonicalFlags(document)).digest('hex').slice(0, 12);
}

/** A meter that holds other flags than the store. */
export interface MeterApart extends MissingMeter {
  /** It reads another store: waiting does not help. */
  readonly isHopeless?: true;
}

/** The flags that a meter, or each of a group, holds. */
export type HeldByMeter = Pick<
  MeterReading,
  'flagsSource' | 'flagsHash' | 'issuancePercent' | 'revision' | 'stale' | 'isOld'
> & {
  /** Absent for a group. */
  readonly sides?: MeterReading['sides'];
};

/** Why the flags that a meter holds are not the right ones; `undefined` if they are. */
export type JudgeFlags = (held: HeldByMeter) => Omit<MeterApart, 'meter'> | undefined;

/** Returns every meter whose flags are not the right ones; of a large fleet those with a name, then how many more hold which. */
export function metersApart(snapshot: FleetSnapshot, judge: JudgeFlags): readonly MeterApart[] {
  const { readings, groups } = snapshot;
  const named = readings.flatMap((reading): MeterApart[] => {
    const apart = judge(reading);
    return apart === undefined ? [] : [{ meter: reading.evidence.meter, ...apart }];
  });
  if (groups === undefined) return named;
  const rest = groups.flags.flatMap((group): MeterApart[] => {
    const held = heldByGroup(group);
    const apart = judge(held);
    const others = readings.filter((reading) => holdsSame(reading, held)).length;
    const count = group.count - others;
    return apart === undefined || count <= 0 ? [] : [{ meter: describeRest(count, named.length), ...apart, count }];
  });
  return [...named, ...rest];
}

function heldByGroup({ source, hash, percent, revision, isOld }: FleetFlags): HeldByMeter {
  const held = { flagsSource: source, flagsHash: hash, issuancePercent: percent, revision, stale: false };
  return { ...held, ...(isOld && { isOld }) };
}

/** The share is part of the hash. */
function holdsSame(one: HeldByMeter, other: HeldByMeter): boolean {
  const isSame = one.flagsHash === other.flagsHash && one.flagsSource === other.flagsSource;
  return (
    isSame &&
    one.isOld === other.isOld &&
    one.revision === other.revision &&
    (one.flagsHash !== null || one.issuancePercent === other.issuancePercent)
  );
}

/** Returns every meter that reads another store than the one that is written, or holds another document of it. */
export function flagsApart(snapshot: FleetSnapshot, position: StoredPosition): readonly MeterApart[] {
  const flags = storeFlagsOf(position);
  return metersApart(snapshot, (held) => {
    const other = otherStore(held, flags);
    if (other !== undefined) return { why: other, isHopeless: true };
    return holds(held, flags) ? undefined : { why: `${describeHeld(held)}; ${describeStore(flags)}` };
  });
}

/** Tells that a meter reads another store than the one that is written; `undefined` if it does not, or does not tell. */
export function otherStore(
  { flagsSource, ...reading }: HeldByMeter,
  { source }: Pick<StoreFlags, 'source'>,
): string | undefined {
  if (!isOtherStore(flagsSource, source)) return undefined;
  return `reads another store, ${flagsSource} (${describeRevision(reading)}), and not ${source}`;
}

function holds(
  { flagsSource: source, flagsHash: hash, issuancePercent: percent }: HeldByMeter,
  flags: StoreFlags,
): boolean {
  return compareFlags({ source, hash, percent }, flags) !== 'other_document';
}

/** Describes the flags that a meter holds in place of those of the store. */
export function describeHeld(reading: HeldByMeter): string {
  return `still holds ${reading.stale ? 'a stale flag document' : 'another flag document'} (${describeRevision(reading)})`;
}

function describeRevision({ revision, issuancePercent }: Pick<MeterReading, 'revision' | 'issuancePercent'>): string {
  return `revision ${revision ?? 'unknown'}${issuancePercent === null ? '' : `, ${issuancePercent}% target`}`;
}

function describeStore({ revision, percent }: StoreFlags): string {
  return `the store has ${percent}% target${revision === null ? '' : ` (revision ${revision})`}`;
}
