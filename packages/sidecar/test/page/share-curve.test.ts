import { expect, test } from 'vitest';
import type { PointShown } from '../../src/page/dashboard-state.ts';
import { segments, shareCurve, sharesSince } from '../../src/page/share-curve.ts';

const point = (second: number, counts: Partial<PointShown> = {}): PointShown => ({
  ...{ atMs: second * 1000, legacy: 0, target: 0, bridge: 0, rejected: 0, unauthorized: 0 },
  ...counts,
});

test('averages shares over the neighbouring points, and rates over the point alone', () => {
  const curve = shareCurve([point(1, { legacy: 3 }), point(2, { target: 1, rejected: 4 }), point(3)], 1000);
  expect(curve.map(({ target }) => target)).toEqual([0.25, 0.25, 0.25]);
  expect(curve.map(({ acceptedPerSecond }) => acceptedPerSecond)).toEqual([3, 1, 0]);
  expect(curve.map(({ rejectedPerSecond }) => rejectedPerSecond)).toEqual([0, 4, 0]);
});

test('divides a rate by the time that the point covers', () => {
  const curve = shareCurve([point(2, { legacy: 8 }), point(12, { legacy: 20 })], 2000);
  expect(curve.map(({ acceptedPerSecond }) => acceptedPerSecond)).toEqual([4, 2]);
});

test('has no share where nothing was accepted', () => {
  expect(shareCurve([point(1, { rejected: 2 })], 1000)[0]).toMatchObject({ target: null, bridge: null });
});

test('computes the shares since a time', () => {
  const points = [point(1, { legacy: 100 }), point(2, { legacy: 1, target: 2, bridge: 1 })];
  expect(sharesSince(points, 1000)).toEqual({ legacy: 0.25, target: 0.5 });
  expect(sharesSince(points, 2000)).toBeNull();
});

test('splits the curve at moments without requests and at pauses', () => {
  const busy = (second: number) => point(second, { target: 1 });
  const quiet = Array.from({ length: 5 }, (_, index) => point(3 + index));
  const curve = shareCurve([busy(1), busy(2), ...quiet, busy(8), busy(100), busy(101)], 1000);
  const found = segments(curve, 3000).map((segment) => segment.map(({ atMs }) => atMs / 1000));
  expect(found).toEqual([
    [1, 2, 3, 4],
    [6, 7, 8],
    [100, 101],
  ]);
});
