import { TRAFFIC_PARTS, type Traffic, type TrafficPart, totalPerSecond } from './traffic.ts';

export interface BarPart {
  readonly part: TrafficPart;
  readonly columns: number;
}

/** Divides a bar among the parts of the mix. A part that was seen has at least one column; empty without requests. */
export function mixBar(traffic: Traffic, columns: number): readonly BarPart[] {
  const total = totalPerSecond(traffic);
  const seen = TRAFFIC_PARTS.filter((part) => traffic.perSecond[part] > 0);
  if (total === 0 || columns < seen.length) return [];
  const exact = seen.map((part) => ({ part, exact: (traffic.perSecond[part] / total) * columns }));
  const parts = exact.map(({ part, exact: wanted }) => ({ part, wanted, columns: Math.max(1, Math.floor(wanted)) }));
  let free = columns - parts.reduce((sum, one) => sum + one.columns, 0);
  while (free !== 0) {
    // To the part that misses most; from the part that has most too much and can spare one.
    const able = free > 0 ? parts : parts.filter((one) => one.columns > 1);
    const [most] = [...able].sort((one, other) => Math.sign(free) * (lacks(other) - lacks(one)));
    if (most === undefined) break;
    most.columns += Math.sign(free);
    free -= Math.sign(free);
  }
  return parts.map(({ part, columns: own }) => ({ part, columns: own }));
}

function lacks({ wanted, columns }: { readonly wanted: number; readonly columns: number }): number {
  return wanted - columns;
}

/** A percentage that never says 0 % or 100 % of what is neither. */
export function percentText(share: number): string {
  if (share > 0 && share < 0.01) return '<1%';
  if (share > 0.99 && share < 1) return '>99%';
  return `${Math.round(share * 100)}%`;
}
