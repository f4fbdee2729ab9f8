import type { FleetSnapshot } from './fleet.ts';

/** Reads the instances that `--without` names, separated by commas: `host:port`, or a URL as the CLI prints it. */
export function namedMeters(text: string | undefined): readonly string[] {
  return (text ?? '')
    .split(',')
    .map(bareName)
    .filter((name) => name !== '');
}

/** Leaves instances out of a snapshot, dead or alive: they are not expected any more. */
export function withoutMeters(snapshot: FleetSnapshot, names: readonly string[]): FleetSnapshot {
  if (names.length === 0) return snapshot;
  const isKept = (meter: string) => !names.includes(bareName(meter));
  const { expected, readings, missing, silent, drain } = snapshot;
  return {
    ...snapshot,
    expected: expected === null ? null : Math.max(0, expected - new Set(names).size),
    readings: readings.filter(({ evidence }) => isKept(evidence.meter)),
    missing: missing.filter(({ meter }) => isKept(meter)),
    silent: silent.filter(({ meter }) => isKept(meter)),
    drain: drain.kind === 'recorded' ? drain : { ...drain, meters: drain.meters.filter(({ meter }) => isKept(meter)) },
  };
}

/** What `--without` left out of a snapshot. */
export interface LeftOut {
  /** The meters that it names, as they are printed elsewhere. */
  readonly meters: readonly string[];
  /** Names of no known meter: typing errors, or instances that the source has forgotten. */
  readonly unknown: readonly string[];
  /** How many of the meters respond all the same. */
  readonly responding: number;
  /** Every name that would have been right. */
  readonly known: readonly string[];
  /** Those that do not respond, and were not left out. */
  readonly missing: readonly string[];
}

export function leftOutOf({ readings, groups, missing, silent }: FleetSnapshot, names: readonly string[]): LeftOut {
  const responding = readings.map(({ evidence }) => evidence.meter);
  const known = [
    ...new Set([...responding, ...missing.map(({ meter }) => meter), ...silent.map(({ meter }) => meter)]),
  ];
  const isNamed = (meter: string) => names.includes(bareName(meter));
  return {
    meters: known.filter(isNamed),
    unknown: names.filter((name) => !known.some((meter) => bareName(meter) === name)),
    // The groups of a large fleet are without them.
    responding: groups === undefined ? responding.filter(isNamed).length : 0,
    known,
    missing: missing.map(({ meter }) => meter).filter((meter) => !isNamed(meter)),
  };
}

/** One instance is `127.0.0.1:9464` in Prometheus, and `http://127.0.0.1:9464` in a list of sidecars. */
function bareName(meter: string): string {
  return meter
    .trim()
    .replace(/^https?:\/\//, '')
    .replace(/\/+$/, '');
}
