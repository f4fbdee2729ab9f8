import { randomUUID } from 'node:crypto';
import { readApiResponse } from '@crossfade/core';
import type { RequestMeter } from '../guard/request-meter.ts';
import { countApiResponse } from '../meter/api-response.ts';
import { createDurations } from '../meter/durations.ts';
import { createMeter } from '../meter/meter.ts';
import { createScrapeRecord, type LastScrape } from '../meter/scrape-record.ts';
import { createSeenKeys, type SeenKeys } from '../meter/seen-keys.ts';
import { meterSeries } from './meter-series.ts';
import { packageVersion } from './package-version.ts';
import { registerSeries } from './series.ts';
import { readMetricsOptions, type ValidatorMetricsOptions } from './validator-metrics-options.ts';

/** The metrics of an API that judges by itself. Pass them to the adapter as `metrics`. */
export interface ValidatorMetrics extends RequestMeter {
  /**
   * Says that no request will follow: what a scrape shows from now on is all that this process counted. A process that ends
   * without it is a loss in the eyes of the gate.
   * @param awaitScrapeMs waits for one more scrape, at most this long and at most two intervals as seen. The port that is
   * scraped has to be open still. Default: 0, which waits for none.
   * @returns how the wait ended: `unknown` where it had no interval to go by.
   */
  end(awaitScrapeMs?: number): Promise<LastScrape['end']>;
}

/** A registry does not learn when the response to a scrape has left: it gets this long. */
const RESPONSE_MS = 250;

/**
 * Registers the series of a sidecar in the API's own registry, each with the labels `migration` and `service`: an API that
 * judges by itself needs no sidecar to be watched. What an adapter lets through and what the API then responds is counted;
 * a route that is public is not. Remembers nothing beyond the process.
 * @throws {@link ConfigError} when an option is wrong, in a cluster worker without a target of its own, or when the registry
 * has this migration, or another metric of such a name, already.
 * @example
 * const metrics = createValidatorMetrics({ registry: register, plan, service: 'orders-api', validator, flags });
 * await app.register(crossfade, { validator, metrics });
 */
export function createValidatorMetrics(options: ValidatorMetricsOptions): ValidatorMetrics {
  const { registry, plan, service, validator, flags, now = Date.now } = readMetricsOptions(options);
  const meter = createMeter(plan.gate.acknowledged);
  const durations = createDurations();
  const scrapes = createScrapeRecord();
  const preflights = new WeakSet<object>();
  let isFinal = false;
  let ended: Promise<LastScrape['end']> | undefined;

  const series = meterSeries({
    plan,
    meter,
    durations,
    flags,
    validator,
    enforces: true,
    seenKeys: loadedKeys(validator),
    process: randomUUID(),
    version: packageVersion(),
    startedAtMs: now(),
    now,
    isFinal() {
      const onServed = scrapes.begin();
      if (isFinal) setTimeout(onServed, RESPONSE_MS).unref();
      return isFinal;
    },
  });
  registerSeries(registry, { migration: plan.migration, service }, series, 'validator metrics');

  async function awaitScrape(graceMs: number): Promise<LastScrape['end']> {
    isFinal = true;
    if (graceMs <= 0) return 'unknown';
    const { end } = await scrapes.awaitLast(graceMs);
    return end;
  }

  return {
    countJudgement: (judgement) => meter.count(judgement, now()),
    countUnavailable: ({ dependency }) => meter.countUnavailable(now(), 1, dependency),
    countPreflight(request) {
      if (preflights.has(request)) return;
      preflights.add(request);
      meter.countPreflight();
    },
    countResponse(judgement, response) {
      countApiResponse(meter, judgement, readApiResponse(response), now());
    },
    observeDuration: durations.observe,
    end(awaitScrapeMs = 0) {
      ended ??= awaitScrape(awaitScrapeMs);
      return ended;
    },
  };
}

/** Has the keys loaded by the first scrape, and once more by each one that misses some: no token may come for them yet. */
function loadedKeys(validator: ValidatorMetricsOptions['validator']): SeenKeys {
  const keys = createSeenKeys(validator);
  let isLoading = false;
  const load = async () => {
    isLoading = true;
    await validator.loadKeys();
    isLoading = false;
  };
  return {
    missing() {
      const missing = keys.missing();
      if (missing.length > 0 && !isLoading) void load();
      return missing;
    },
  };
}
