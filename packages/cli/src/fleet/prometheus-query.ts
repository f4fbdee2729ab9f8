import { UnavailableError } from '@crossfade/core';
import { z } from 'zod';
import { getJson } from '../verb/http-json.ts';
import { withRunbook } from '../verb/runbook-of-error.ts';

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
 * Queries the HTTP API that Prometheus, Thanos and Mimir share.
 * @throws `UnavailableError` from the query when it cannot be reached or does not return an instant vector.
 * @see https://prometheus.io/docs/prometheus/latest/querying/api/
 */
export function createPrometheusQuery(baseUrl: string, signal: AbortSignal): PrometheusQuery {
  return (promql) =>
    withRunbook('sidecar-down', async () => {
      const url = new URL(baseUrl);
      url.pathname = `${url.pathname.replace(/\/$/, '')}/api/v1/query`;
      url.searchParams.set('query', promql);
      const parsed = responseSchema.safeParse(await queryPrometheus(url.href, signal));
      if (!parsed.success) throw new UnavailableError('Prometheus did not return an instant vector');
      return parsed.data.data.result
        .map(({ metric, value }) => ({ labels: metric, value: Number(value[1]) }))
        .filter(({ value }) => Number.isFinite(value));
    });
}

async function queryPrometheus(url: string, signal: AbortSignal): Promise<unknown> {
  try {
    return (await getJson(url, signal)).body;
  } catch (error) {
    if (!(error instanceof UnavailableError)) throw error;
    throw new UnavailableError(`Prometheus ${error.message}`, { cause: error });
  }
}
