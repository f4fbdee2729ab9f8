import type { OpenConnectionCounts } from '@crossfade/core/status';
import type { Sample } from '../prometheus/prometheus-query.ts';
import type { MeterReading } from './fleet.ts';

/** Adds up the connections of all sidecars that tell; `null` if none does: unknown, not none. */
export function sumOpenConnections(
  readings: readonly Pick<MeterReading, 'openConnections'>[],
): OpenConnectionCounts | null {
  const told = readings.map(({ openConnections }) => openConnections).filter((counts) => counts !== null);
  if (told.length === 0) return null;
  const sum = (audience: keyof OpenConnectionCounts) => told.reduce((total, counts) => total + counts[audience], 0);
  return { legacy: sum('legacy'), target: sum('target'), bridge: sum('bridge') };
}

/** Reads one sum for each audience; `null` if there is none. */
export function readOpenConnections(sums: readonly Sample[]): OpenConnectionCounts | null {
  if (sums.length === 0) return null;
  const of = (audience: string) => sums.find(({ labels }) => labels['audience'] === audience)?.value ?? 0;
  return { legacy: of('legacy'), target: of('target'), bridge: of('bridge') };
}
