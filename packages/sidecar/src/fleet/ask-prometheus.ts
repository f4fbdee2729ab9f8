import { UnavailableError } from '@crossfade/core';
import type { InstantSample } from '@crossfade/core/metrics';
import { z } from 'zod';
import { readJson } from './read-json.ts';

const TIMEOUT_MS = 5000;
const MAX_BYTES = 8_388_608;

const responseSchema = z.object({
  status: z.literal('success'),
  data: z.object({
    resultType: z.literal('vector'),
    result: z.array(z.object({ metric: z.record(z.string(), z.string()), value: z.tuple([z.number(), z.string()]) })),
  }),
});

/**
 * Evaluates PromQL now.
 * @throws `UnavailableError` when Prometheus does not answer with an instant vector.
 */
export async function askPrometheus(
  baseUrl: string,
  promql: string,
  signal: AbortSignal,
): Promise<readonly InstantSample[]> {
  const url = new URL(baseUrl);
  url.pathname = `${url.pathname.replace(/\/$/, '')}/api/v1/query`;
  url.searchParams.set('query', promql);
  const { body } = await readJson(url.href, { timeoutMs: TIMEOUT_MS, maxBytes: MAX_BYTES, signal });
  const parsed = responseSchema.safeParse(body);
  if (!parsed.success) throw new UnavailableError('did not return an instant vector');
  return parsed.data.data.result
    .map(({ metric, value }) => ({ labels: metric, value: Number(value[1]) }))
    .filter(({ value }) => Number.isFinite(value));
}
