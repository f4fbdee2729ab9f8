import type { PointShown } from './dashboard-state.ts';

/** One moment of the picture. Shares are 0..1 of the accepted requests; `null` where there were none. */
export interface CurvePoint {
  readonly atMs: number;
  readonly target: number | null;
  readonly bridge: number | null;
  readonly acceptedPerSecond: number;
  readonly rejectedPerSecond: number;
}

/** How many points before and after a point share its value: single requests would make a saw of it. */
const NEIGHBOURS = 2;

/** The curve through the points. `stepMs` is what the first one covers. */
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

/** The shares of legacy and target over the points that ended after `sinceMs`; `null` when nothing was accepted. */
export function sharesSince(
  points: readonly PointShown[],
  sinceMs: number,
): { readonly legacy: number; readonly target: number } | null {
  const { target, bridge, all } = totalOf(points.filter(({ atMs }) => atMs > sinceMs));
  return all === 0 ? null : { legacy: (all - target - bridge) / all, target: target / all };
}

/** Stretches of the curve without a gap: neither a moment without requests nor a pause. */
export function stretches(curve: readonly CurvePoint[], longestStepMs: number): CurvePoint[][] {
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
