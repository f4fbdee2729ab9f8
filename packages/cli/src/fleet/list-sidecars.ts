import type { ObservationPlan } from '@crossfade/core';
import { liveInstances, METRICS } from '@crossfade/core/metrics';
import { createPrometheusApi, type PrometheusApi } from '../prometheus/prometheus-api.ts';
import { createPrometheusQuery, type Sample } from '../prometheus/prometheus-query.ts';
import { requireSidecarUrls } from './open-fleet.ts';
import type { SidecarAccess } from './read-sidecar.ts';
import { readScrapedUrls } from './scraped-urls.ts';

/**
 * Returns the URLs of every sidecar that can be asked for a list: of each instance that Prometheus scrapes, at the port that it
 * scrapes, which a read token opens, by the scheme and the path that it uses (`http` where it does not tell); else of those that the plan lists, or its own one.
 * @throws `ConfigError` when the plan names none; `UnavailableError` when Prometheus cannot be reached.
 */
export async function listSidecars(plan: ListedPlan, { signal }: SidecarAccess): Promise<readonly string[]> {
  if (plan.gate.prometheus === undefined) return requireSidecarUrls(plan);
  const api = createPrometheusApi(plan.gate.prometheus, signal);
  return urlsOf(api, await createPrometheusQuery(api)(liveInstances(plan.migration)));
}

type ListedPlan = Pick<ObservationPlan, 'gate' | 'sidecar' | 'migration'>;

/** How many sidecars of a large fleet are asked before a move. */
const MAX_BUSIEST = 100;

/** Some sidecars of a fleet. */
export interface BusiestSidecars {
  readonly urls: readonly string[];
  /** How many there are. */
  readonly all: number;
}

/**
 * Like `listSidecars`; of more than 100, those that counted most requests that a close turns away: no move waits for the lists of
 * ten thousand.
 */
export async function listBusiest(plan: ListedPlan, access: SidecarAccess): Promise<BusiestSidecars> {
  const { prometheus } = plan.gate;
  if (prometheus !== undefined) {
    const api = createPrometheusApi(prometheus, access.signal);
    const query = createPrometheusQuery(api);
    const all = (await query(`count(${liveInstances(plan.migration)})`))[0]?.value ?? 0;
    if (all > MAX_BUSIEST) {
      const counted = `${METRICS.afterCloseRejections.name}{migration="${plan.migration}"}`;
      const busiest = await query(`topk(${MAX_BUSIEST}, max by (job, instance) (${counted}))`);
      return { urls: await urlsOf(api, busiest), all };
    }
  }
  const urls = await listSidecars(plan, access);
  return { urls, all: urls.length };
}

async function urlsOf(api: PrometheusApi, live: readonly Sample[]): Promise<readonly string[]> {
  const scrapedUrl = await readScrapedUrls(api);
  // Two jobs may scrape one instance.
  const urls = new Map<string, string>();
  for (const { labels } of live) {
    const { instance, job } = labels;
    if (instance === undefined || urls.has(instance)) continue;
    const url = scrapedUrl({ job, instance }) ?? `http://${instance}`;
    if (URL.canParse(url)) urls.set(instance, url);
  }
  return [...new Set(urls.values())].sort();
}

/** How many sidecars are asked at once, and how long all of them may take. */
const AT_ONCE = 16;
const WITHIN_MS = 30_000;

/**
 * Asks each sidecar, a bounded number at once. Those whose turn does not come within 30 seconds are not asked.
 * @returns one result a URL, in their order.
 */
export async function askEach<Result>(
  urls: readonly string[],
  ask: (url: string) => Promise<Result>,
  notAsked: (url: string) => Result,
): Promise<readonly Result[]> {
  const startedMs = performance.now();
  const results: Result[] = [];
  let next = 0;
  const work = async () => {
    for (let index = next++; index < urls.length; index = next++) {
      const url = urls[index] as string;
      results[index] = performance.now() - startedMs > WITHIN_MS ? notAsked(url) : await ask(url);
    }
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, urls.length) }, work));
  return results;
}
