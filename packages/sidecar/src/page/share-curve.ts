import type { PointShown } from './dashboard-state.ts';

/** One moment of the chart. Shares are 0..1 of the accepted requests; `null` without any. */
export interface CurvePoint {
  readonly atMs: number;
  readonly target: number | null;
  readonly bridge: number | null;
  readonly acceptedPerSecond: number;
  readonly rejectedPerSecond: number;
}

/** How many points before and after each point are averaged, so that single requests do not make the curve jagged. */
const NEIGHBOURS = 2;

/** Computes the curve through the points. `stepMs`: the time that the first one covers. */
export function shareCurve(points: readonly PointShown[], stepMs: number): CurvePoint[] {
  return points.map(({ atMs, rejected }, index) => {
    const nearby = points.slice(Math.max(0, index - NEIGHBOURS), index + NEIGHBOURS + 1);
    const near = totalOf(nearby);
    const seconds = Math.max(1, atMs - (points[index - 1]?.atMs ?? atMs - stepMs)) / 1000;
    return {
      atMs,
      target: near.all === 0 ? null : near.target / near.all,
      bridge: near.all === 0 ? null : near.bridge / near.all,
      acceptedPerSecond: accepted(points[index]) / seconds,
      rejectedPerSecond: rejected / seconds,
    };
  });
}

/** Computes the shares over the points that ended after `sinceMs`; `null` when nothing was accepted. */
export function sharesSince(
  points: readonly PointShown[],
  sinceMs: number,
): { readonly legacy: number; readonly target: number } | null {
  const { target, bridge, all } = totalOf(points.filter(({ atMs }) => atMs > sinceMs));
  return all === 0 ? null : { legacy: (all - target - bridge) / all, target: target / all };
}

/** Splits the curve at each moment without accepted requests and at each pause. */
export function segments(curve: readonly CurvePoint[], longestStepMs: number): CurvePoint[][] {
  const found: CurvePoint[][] = [];
  let current: CurvePoint[] = [];
  for (const point of curve) {
    const last = current.at(-1);
    if (point.target === null || (last !== undefined && point.atMs - last.atMs > longestStepMs)) {
      if (current.length > 0) found.push(current);
      current = [];
    }
    if (point.target !== null) current.push(point);
  }
  return current.length > 0 ? [...found, current] : found;
}

function accepted(point: PointShown | undefined): number {
  return point === undefined ? 0 : point.legacy + point.target + point.bridge;
}

function totalOf(points: readonly PointShown[]): { target: number; bridge: number; all: number } {
  const total = { target: 0, bridge: 0, all: 0 };
  for (const point of points) {
    total.target += point.target;
    total.bridge += point.bridge;
    total.all += accepted(point);
  }
  return total;
}
