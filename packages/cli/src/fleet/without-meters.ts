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
  const { expected, readings, missing, silent } = snapshot;
  return {
    ...snapshot,
    expected: expected === null ? null : Math.max(0, expected - new Set(names).size),
    readings: readings.filter(({ evidence }) => isKept(evidence.meter)),
    missing: missing.filter(({ meter }) => isKept(meter)),
    silent: silent.filter(({ meter }) => isKept(meter)),
  };
}

/** One instance is `127.0.0.1:9464` in Prometheus, and `http://127.0.0.1:9464` in a list of sidecars. */
function bareName(meter: string): string {
  return meter
    .trim()
    .replace(/^https?:\/\//, '')
    .replace(/\/+$/, '');
}
