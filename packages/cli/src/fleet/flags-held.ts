import { createHash } from 'node:crypto';
import { canonicalFlags, compareFlags, isOtherStore } from '@crossfade/core';
import type { StoredPosition } from '../flag-store/flag-position.ts';
import type { FleetSnapshot, MeterReading, MissingMeter } from './fleet.ts';

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
    hash: stored.hash ?? createHash('sha256').update(canonicalFlags(document)).digest('hex').slice(0, 12),
    percent: document.issuance.percent,
    revision: document.issuance.revision,
  };
}

/** A meter that holds other flags than the store. */
export interface MeterApart extends MissingMeter {
  /** It reads another store: waiting does not help. */
  readonly isHopeless?: true;
}

/** Returns every meter that reads another store than the one that is written, or holds another document of it. */
export function flagsApart({ readings }: FleetSnapshot, position: StoredPosition): readonly MeterApart[] {
  const flags = storeFlagsOf(position);
  return readings.flatMap((reading): MeterApart[] => {
    const { meter } = reading.evidence;
    const other = otherStore(reading, flags);
    if (other !== undefined) return [{ meter, why: other, isHopeless: true }];
    return holds(reading, flags) ? [] : [{ meter, why: `${describeHeld(reading)}; ${describeStore(flags)}` }];
  });
}

/** Tells that a meter reads another store than the one that is written; `undefined` if it does not, or does not tell. */
export function otherStore(
  { flagsSource, ...reading }: MeterReading,
  { source }: Pick<StoreFlags, 'source'>,
): string | undefined {
  if (!isOtherStore(flagsSource, source)) return undefined;
  return `reads another store, ${flagsSource} (${describeRevision(reading)}), and not ${source}`;
}

function holds(
  { flagsSource: source, flagsHash: hash, issuancePercent: percent }: MeterReading,
  flags: StoreFlags,
): boolean {
  return compareFlags({ source, hash, percent }, flags) !== 'other_document';
}

/** Describes the flags that a meter holds in place of those of the store. */
export function describeHeld(reading: MeterReading): string {
  return `still holds ${reading.stale ? 'a stale flag document' : 'another flag document'} (${describeRevision(reading)})`;
}

function describeRevision({ revision, issuancePercent }: Pick<MeterReading, 'revision' | 'issuancePercent'>): string {
  return `revision ${revision ?? 'unknown'}${issuancePercent === null ? '' : `, ${issuancePercent}% target`}`;
}

function describeStore({ revision, percent }: StoreFlags): string {
  return `the store has ${percent}% target${revision === null ? '' : ` (revision ${revision})`}`;
}
