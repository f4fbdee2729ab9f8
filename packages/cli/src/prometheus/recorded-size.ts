import type { PrometheusQuery } from './prometheus-query.ts';
import { recordedSizeQuery } from './recorded-queries.ts';

/** How many instances level 1 of the rules saw last; 0 where it does not tell. */
export async function readRecordedSize(query: PrometheusQuery, migration: string): Promise<number> {
  return (await query(recordedSizeQuery(migration)))[0]?.value ?? 0;
}
