import { UnavailableError } from '@crossfade/core';
import { z } from 'zod';
import { withRunbook } from '../verb/runbook-of-error.ts';
import type { PrometheusApi } from './prometheus-api.ts';

const responseSchema = z.object({
  status: z.literal('success'),
  data: z.object({
    resultType: z.literal('vector'),
    result: z.array(z.object({ metric: z.record(z.string(), z.string()), value: z.tuple([z.number(), z.string()]) })),
  }),
});

/** One series of an instant vector. */
export interface Sample {
  readonly labels: Readonly<Record<string, string | undefined>>;
  readonly value: number;
}

/** Evaluates PromQL now. Leaves out `NaN` and infinite samples. */
export type PrometheusQuery = (promql: string) => Promise<readonly Sample[]>;

/**
 * Queries by the HTTP API.
 * @throws `UnavailableError` from the query when it cannot be reached or does not return an instant vector.
 */
export function createPrometheusQuery(api: PrometheusApi): PrometheusQuery {
  return (promql) =>
    withRunbook('sidecar-down', async () => {
      const parsed = responseSchema.safeParse(await api.get('query', { query: promql }));
      if (!parsed.success) throw new UnavailableError('Prometheus did not return an instant vector');
      return parsed.data.data.result
        .map(({ metric, value }) => ({ labels: metric, value: Number(value[1]) }))
        .filter(({ value }) => Number.isFinite(value));
    });
}
