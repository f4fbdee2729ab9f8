import { UnavailableError } from '@crossfade/core';
import { z } from 'zod';
import type { PrometheusApi } from '../prometheus/prometheus-api.ts';

const target = z.object({
  labels: z.object({ instance: z.string(), job: z.string() }),
  scrapeUrl: z.url({ protocol: /^https?$/ }),
});
const targetsSchema = z.object({ data: z.object({ activeTargets: z.array(z.unknown()) }) });

/** What identifies an instance in Prometheus. */
interface ScrapedInstance {
  readonly job: string | undefined;
  readonly instance: string | undefined;
}

/** Returns the URL in front of `/metrics` by which an instance is scraped. */
export type ScrapedUrlOf = (scraped: ScrapedInstance) => string | undefined;

/**
 * Reads by which scheme, address and path Prometheus scrapes each instance. A compatible store that has no targets, as Thanos
 * and Mimir, knows none.
 * @see https://prometheus.io/docs/prometheus/latest/querying/api/#targets
 */
export async function readScrapedUrls(api: PrometheusApi): Promise<ScrapedUrlOf> {
  const urls = new Map<string, string>();
  for (const { labels, scrapeUrl } of await readTargets(api)) {
    const base = inFrontOfMetrics(scrapeUrl);
    if (base !== undefined) urls.set(nameOf(labels), base);
  }
  return (scraped) => urls.get(nameOf(scraped));
}

async function readTargets(api: PrometheusApi): Promise<readonly z.infer<typeof target>[]> {
  try {
    const parsed = targetsSchema.safeParse(await api.get('targets', { state: 'active' }));
    return (parsed.data?.data.activeTargets ?? []).flatMap((one) => target.safeParse(one).data ?? []);
  } catch (error) {
    if (!(error instanceof UnavailableError)) throw error;
    return [];
  }
}

/** A path that does not end with `/metrics` was rewritten on the way: nothing tells where the lists are. */
function inFrontOfMetrics(scrapeUrl: string): string | undefined {
  const { origin, pathname } = new URL(scrapeUrl);
  return pathname.endsWith('/metrics') ? `${origin}${pathname.slice(0, -'/metrics'.length)}` : undefined;
}

function nameOf({ job, instance }: ScrapedInstance): string {
  return JSON.stringify([job, instance]);
}
