import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { MeterReading } from '../../src/fleet/fleet.ts';
import { mixBar, percentText } from '../../src/watch/mix-bar.ts';
import { addPoint, resample, type SharePoint, sparkline } from '../../src/watch/share-history.ts';
import { createCounterRates, legacyShare, partsOf, TRAFFIC_PARTS, totalPerSecond } from '../../src/watch/traffic.ts';

function reading(meter: string, audiences: Readonly<Record<string, number>> | undefined, process?: string) {
  return { evidence: { meter }, audiences, process } as unknown as MeterReading;
}

describe('the rates from counters', () => {
  it('need two readings, and are what the counters rose by in the last ten seconds', () => {
    const rates = createCounterRates();
    expect(rates.add([reading('a', { legacy: 100, target: 0 })], 0)).toBeNull();
    expect(rates.add([reading('a', { legacy: 110, target: 30 })], 2000)).toMatchObject({
      perSecond: { legacy: 5, target: 15 },
      overMs: 2000,
    });
    expect(rates.add([reading('a', { legacy: 110, target: 30 })], 11_000)).toMatchObject({
      perSecond: { legacy: 0, target: 0 },
      overMs: 9000,
    });
  });

  it('count a process that started again from 0, whether it names its run or not', () => {
    for (const runs of [
      ['one', 'two'],
      [undefined, undefined],
    ]) {
      const rates = createCounterRates();
      rates.add([reading('a', { legacy: 1000 }, runs[0])], 0);
      expect(rates.add([reading('a', { legacy: 20 }, runs[1])], 1000)?.perSecond.legacy).toBe(20);
    }
  });

  it('leave out a meter that joined, and one that tells no counts', () => {
    const rates = createCounterRates();
    rates.add([reading('a', { legacy: 0 }), reading('old', undefined)], 0);
    const later = [reading('a', { legacy: 4 }), reading('new', { legacy: 9000 }), reading('old', undefined)];
    expect(rates.add(later, 1000)?.perSecond.legacy).toBe(4);
    expect(createCounterRates().add([reading('old', undefined)], 0)).toBeNull();
  });
});

it('counts what is of no side as other, and keeps the total', () => {
  const perSecond = partsOf({ legacy: 1, target: 2, bridge: 3, foreign: 4, opaque: 5, invalid: 6, none: 7 });
  expect(perSecond).toEqual({ legacy: 1, target: 2, bridge: 3, other: 15, none: 7 });
  expect(totalPerSecond({ perSecond, overMs: 1 })).toBe(28);
  expect(legacyShare({ perSecond, overMs: 1 })).toBeCloseTo(1 / 6);
  expect(legacyShare({ perSecond: partsOf({ none: 4 }), overMs: 1 })).toBeNull();
});

it('divides every column of a bar, and gives each part that was seen at least one', () => {
  const rate = fc.oneof(fc.constant(0), fc.double({ min: 0.001, max: 1e6, noNaN: true }));
  fc.assert(
    fc.property(fc.array(rate, { minLength: 5, maxLength: 5 }), fc.integer({ min: 5, max: 300 }), (rates, columns) => {
      const perSecond = partsOf(Object.fromEntries(TRAFFIC_PARTS.map((part, at) => [part, rates[at] ?? 0])));
      const bar = mixBar({ perSecond, overMs: 1 }, columns);
      const seen = TRAFFIC_PARTS.filter((part) => perSecond[part] > 0);
      expect(bar.map(({ part }) => part)).toEqual(seen);
      expect(bar.every((part) => part.columns >= 1)).toBe(true);
      expect(bar.reduce((sum, part) => sum + part.columns, 0)).toBe(seen.length === 0 ? 0 : columns);
    }),
  );
});

it('never says 0 % or 100 % of what is neither', () => {
  expect([0, 0.001, 0.25, 0.9999, 1].map(percentText)).toEqual(['0%', '<1%', '25%', '>99%', '100%']);
});

describe('the history of the legacy share', () => {
  const steady = (count: number): readonly SharePoint[] =>
    Array.from({ length: count }, (_, at) => at).reduce<readonly SharePoint[]>(
      (history, at) => addPoint(history, { atMs: at * 2000, share: 1 - at / count }),
      [],
    );

  it('holds a watch of a day in bounded memory, from its beginning on', () => {
    const history = steady(43_200);
    expect(history.length).toBeLessThanOrEqual(1024);
    expect(history[0]?.atMs).toBe(0);
    const shares = resample(history, 60).filter((share) => share !== null);
    expect(shares.length).toBeGreaterThan(0);
    expect(shares).toEqual([...shares].sort((one, other) => other - one));
  });

  it('is drawn on a scale from 0 to 100 %, with a gap where it was unknown', () => {
    expect(sparkline([0, 0.49, 0.5, null, 1], '▁▂▃▄▅▆▇█', ' ')).toBe('▁▄▅ █');
    expect(resample(steady(3), 60)).toHaveLength(3);
    expect(resample([], 60)).toEqual([]);
  });
});
