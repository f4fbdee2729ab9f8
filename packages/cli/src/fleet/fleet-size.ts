import type { FleetSnapshot } from './fleet.ts';

/** How many instances tell what they see. */
export function respondingCount({ readings, groups }: Pick<FleetSnapshot, 'readings' | 'groups'>): number {
  return groups === undefined ? readings.length : groups.count - groups.silentOfLegacy;
}

/** How many instances are known, and tell nothing. */
export function missingCount({ missing }: Pick<FleetSnapshot, 'missing'>): number {
  return sumCounts(missing.map(({ count = 1 }) => ({ count })));
}

export function sumCounts(groups: readonly { readonly count: number }[]): number {
  return groups.reduce((total, { count }) => total + count, 0);
}

/** Names what stands for instances without a name: so many more than those that are named. */
export function describeRest(count: number, named: number): string {
  const more = named === 0 ? '' : ' more';
  return count === 1 ? `1${more} instance` : `${count}${more} instances`;
}

/** Whether a text is {@link describeRest}'s, or that of the whole fleet: a command cannot name it. */
export function isUnnamed(meter: string): boolean {
  return /\s/.test(meter);
}

/** Returns the names, and how many more there are. */
export function namesAndRest(names: readonly string[], total: number): readonly string[] {
  const rest = total - names.length;
  return rest > 0 ? [...names, describeRest(rest, names.length)] : names;
}
