import type { MeterReading } from '../fleet/fleet.ts';
import type { AudienceCounts } from '../fleet/step-counts.ts';

/** The parts of the mix, in the order of the bar. `bridge` carries both audiences; `other` is foreign, opaque or invalid. */
export const TRAFFIC_PARTS = ['legacy', 'bridge', 'target', 'other', 'none'] as const;
export type TrafficPart = (typeof TRAFFIC_PARTS)[number];

/** Requests per second, as all meters together saw them within a while. */
export interface Traffic {
  readonly perSecond: Readonly<Record<TrafficPart, number>>;
  readonly overMs: number;
}

/** How far back the counters of sidecars are compared. */
const WINDOW_MS = 10_000;

/** Sums requests by audience class into the parts of the mix. */
export function partsOf(counts: AudienceCounts): Record<TrafficPart, number> {
  const parts: Record<TrafficPart, number> = { legacy: 0, bridge: 0, target: 0, other: 0, none: 0 };
  for (const [audience, count] of Object.entries(counts)) {
    const part = TRAFFIC_PARTS.find((name) => name === audience) ?? 'other';
    parts[part] += count;
  }
  return parts;
}

export function totalPerSecond({ perSecond }: Traffic): number {
  return TRAFFIC_PARTS.reduce((total, part) => total + perSecond[part], 0);
}

/** The share of legacy among requests with a token of a side, 0 to 1; `null` without such a request. */
export function legacyShare({ perSecond }: Traffic): number | null {
  const { legacy, bridge, target } = perSecond;
  const all = legacy + bridge + target;
  return all === 0 ? null : legacy / all;
}

interface Sample {
  readonly atMs: number;
  readonly meters: ReadonlyMap<string, { readonly run: string | undefined; readonly counts: AudienceCounts }>;
}

/** Turns what sidecars count since they started into rates: it remembers the readings of the last seconds. */
export interface CounterRates {
  /** Takes a reading. Returns the rates since an earlier one; `null` at the first, and where no meter tells its counts. */
  add(readings: readonly MeterReading[], atMs: number): Traffic | null;
}

export function createCounterRates(): CounterRates {
  let samples: Sample[] = [];
  return {
    add(readings, atMs) {
      const counted = readings.flatMap(({ evidence, process, audiences }) =>
        audiences === undefined ? [] : [[evidence.meter, { run: process, counts: audiences }] as const],
      );
      const now: Sample = { atMs, meters: new Map(counted) };
      samples = [...samples.filter((sample) => atMs - sample.atMs <= WINDOW_MS), now];
      const [first] = samples;
      return first === undefined ? null : between(first, now);
    },
  };
}

/** A meter that an earlier reading lacks counts nothing yet: when it counted what it has is unknown. */
function between(earlier: Sample, later: Sample): Traffic | null {
  const overMs = later.atMs - earlier.atMs;
  const both = [...later.meters].flatMap(([meter, after]) => {
    const before = earlier.meters.get(meter);
    return before === undefined ? [] : [{ before, after }];
  });
  if (overMs <= 0 || both.length === 0) return null;
  const risen: Record<string, number> = {};
  for (const { before, after } of both) {
    const isSameRun = before.run === after.run && !hasFallen(before.counts, after.counts);
    for (const [audience, count] of Object.entries(after.counts)) {
      const rise = count - (isSameRun ? (before.counts[audience] ?? 0) : 0);
      risen[audience] = (risen[audience] ?? 0) + (rise * 1000) / overMs;
    }
  }
  return { perSecond: partsOf(risen), overMs };
}

/** A counter never falls while its process lives: an older sidecar that does not name its run has started again. */
function hasFallen(before: AudienceCounts, after: AudienceCounts): boolean {
  return Object.entries(before).some(([audience, count]) => (after[audience] ?? 0) < count);
}
