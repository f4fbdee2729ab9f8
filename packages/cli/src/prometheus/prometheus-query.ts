import { UnavailableError } from '@crossfade/core';
import { z } from 'zod';
import { withRunbook } from '../verb/runbook-of-error.ts';
import type { PrometheusApi } from './prometheus-api.ts';

const responseSchema = z.object({
  status: z.literal('success'),
  /** Of Thanos and of remote reads: a store did not respond. */
  warnings: z.array(z.string()).optional(),
  /** Of a cluster of VictoriaMetrics, with the same meaning. */
  isPartial: z.boolean().optional(),
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

/** What it says of the query, and not of the data. */
const ABOUT_THE_QUERY = /^PromQL (?:info|warning)\b/;
const PARTIAL =
  'Prometheus returned a part of the data only (warnings or isPartial in its response): see which store behind it does not respond';

/**
 * Queries by the HTTP API.
 * @throws `UnavailableError` from the query when it cannot be reached, does not return an instant vector, or does not know all:
 * what is missing may be what forbids a move.
 */
export function createPrometheusQuery(api: PrometheusApi): PrometheusQuery {
  return (promql) =>
    withRunbook('sidecar-down', async () => {
      const parsed = responseSchema.safeParse(await api.get('query', { query: promql }));
      if (!parsed.success) throw new UnavailableError('Prometheus did not return an instant vector');
      const { data, warnings = [], isPartial = false } = parsed.data;
      if (isPartial || !warnings.every((warning) => ABOUT_THE_QUERY.test(warning))) throw new UnavailableError(PARTIAL);
      return data.result
        .map(({ metric, value }) => ({ labels: metric, value: Number(value[1]) }))
        .filter(({ value }) => Number.isFinite(value));
    });
}
