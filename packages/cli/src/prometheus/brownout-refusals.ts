import type { MigrationPlan } from '@crossfade/core';
import { METRICS } from '@crossfade/core/metrics';
import type { PrometheusQuery } from './prometheus-query.ts';
import { LEAST_RECORDED_SECONDS, LOOK_BACK_SECONDS, recordedMean } from './recorded-window.ts';
import { risen } from './risen.ts';

/** Returns the instant query about what a brownout refused within the last `windowMs`. */
export function brownoutQuery({ migration }: Pick<MigrationPlan, 'migration'>, windowMs: number): string {
  const seconds = Math.max(1, Math.ceil(windowMs / 1000));
  if (seconds >= LEAST_RECORDED_SECONDS) {
    const traffic = { migration, name: 'rejections:rate5m', labels: ',reason="brownout"', each: ['reason'] };
    return `${recordedMean(traffic, { seconds, endedSecondsAgo: 0 })} * ${seconds}`;
  }
  const counter = `${METRICS.rejections.name}{migration="${migration}",reason="brownout"}`;
  const counted = (range: number, endedSecondsAgo: number) =>
    `sum(max by (instance) (${risen(counter, range, endedSecondsAgo)}))`;
  if (seconds <= LOOK_BACK_SECONDS) return counted(seconds, 0);
  // No range is longer than five minutes: two of them.
  const [first, last] = [counted(seconds - LOOK_BACK_SECONDS, LOOK_BACK_SECONDS), counted(LOOK_BACK_SECONDS, 0)];
  return `sum(label_replace(${first}, "part", "first", "", "") or ${last})`;
}

/** How many requests a brownout refused within the last `windowMs`. @throws `UnavailableError` when Prometheus cannot be reached. */
export async function readBrownoutRefusals(
  query: PrometheusQuery,
  plan: MigrationPlan,
  windowMs: number,
): Promise<number> {
  return Math.round((await query(brownoutQuery(plan, windowMs)))[0]?.value ?? 0);
}
