import { DEFAULT_FLAG_DOCUMENT, type FlagSource, type SidePlan, UnavailableError } from '@crossfade/core';
import { Counter, Registry } from 'prom-client';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { readMetricsOptions } from '../../src/prometheus/validator-metrics-options.ts';
import { createValidatorMetrics } from '../../src/prometheus.ts';
import { ACCEPTED, rejectedOf } from '../meter/judgement.ts';

const PLAN = {
  migration: 'orders-2026',
  clockToleranceMs: 60_000,
  legacy: { tokenLifetimeMs: 3_600_000, sessionLifetimeMs: 86_400_000 } as SidePlan,
  gate: { silenceMs: 7_200_000, coverage: 0.99, blindMs: 300_000 },
};
const FLAGS: Pick<FlagSource, 'snapshot' | 'refreshes'> = {
  snapshot: () => ({
    document: DEFAULT_FLAG_DOCUMENT,
    revision: '7',
    source: 'file /flags.json',
    hash: '0123456789ab',
    ageSeconds: 1,
    stale: false,
  }),
  refreshes: () => ({ updated: 1, unchanged: 0, refused: 0, failed: 0 }),
};
const CONSTANT = 'migration="orders-2026",service="orders-api"';

let registry: Registry;
/** Why no key of the legacy side is there; `undefined` once it is. */
let missingKeys: string | undefined;
const loadKeys = vi.fn(async () => {});

function optionsOf() {
  const validator = {
    acceptance: () => 'both' as const,
    keys: () => [
      {
        side: 'legacy' as const,
        ageSeconds: missingKeys === undefined ? 1 : null,
        refreshes: { success: 1, failure: 0 },
        ...(missingKeys !== undefined && { missing: missingKeys }),
      },
    ],
    loadKeys,
  };
  return { registry, plan: PLAN, service: 'orders-api', validator, flags: FLAGS, now: () => 5_000 };
}

beforeEach(() => {
  registry = new Registry();
  missingKeys = undefined;
  loadKeys.mockClear();
});
afterEach(() => {
  vi.useRealTimers();
});

async function scrape(): Promise<ReadonlyMap<string, number>> {
  const lines = (await registry.metrics()).split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ')))]),
  );
}

const of = (name: string, labels = '') => `${name}{${labels === '' ? '' : `${labels},`}${CONSTANT}}`;

describe('the metrics of an API', () => {
  test('count each judgement, and what the API responds to it', async () => {
    const metrics = createValidatorMetrics(optionsOf());
    metrics.countJudgement(ACCEPTED);
    metrics.countResponse(ACCEPTED, { status: 401 });
    metrics.countJudgement(rejectedOf('legacy', 'expired'));
    metrics.countUnavailable(new UnavailableError('the issuer is down', { dependency: 'introspection' }));
    metrics.observeDuration(0.002);
    const samples = await scrape();
    expect(samples.get(of('crossfade_requests_total', 'audience="legacy",outcome="accepted"'))).toBe(1);
    expect(samples.get(of('crossfade_valid_unauthorized_total', 'audience="legacy"'))).toBe(1);
    expect(
      samples.get(of('crossfade_api_response_timestamp_seconds', 'audience="legacy",response="unauthorized"')),
    ).toBe(5);
    expect(samples.get(of('crossfade_rejections_total', 'reason="expired"'))).toBe(1);
    expect(samples.get(of('crossfade_unavailable_total', 'cause="introspection"'))).toBe(1);
    expect(samples.get(of('crossfade_judgement_duration_seconds_count'))).toBe(1);
    expect(samples.get(of('crossfade_accepts', 'audience="legacy"'))).toBe(1);
    expect(samples.get(of('crossfade_flags_info', 'revision="7",source="file /flags.json",hash="0123456789ab"'))).toBe(
      1,
    );
  });

  test('count a disagreement where the API took a token that was judged invalid: of one that judges without a guard', async () => {
    const metrics = createValidatorMetrics(optionsOf());
    metrics.countResponse(rejectedOf('legacy', 'foreign_audience'), { status: 200 });
    expect((await scrape()).get(of('crossfade_disagreements_total', 'reason="foreign_audience"'))).toBe(1);
  });

  test('count a preflight once, however many guards are on its way', async () => {
    const metrics = createValidatorMetrics(optionsOf());
    const request = {};
    metrics.countPreflight(request);
    metrics.countPreflight(request);
    metrics.countPreflight({});
    expect((await scrape()).get(of('crossfade_preflights_total'))).toBe(2);
  });

  test('are at most 60 series, and give no label to those of the API', async () => {
    new Counter({ name: 'orders_total', help: 'Orders.', registers: [registry] }).inc();
    createValidatorMetrics(optionsOf());
    const samples = [...(await scrape()).keys()];
    const ours = samples.filter((series) => series.includes(CONSTANT));
    expect(samples.filter((series) => !ours.includes(series))).toEqual(['orders_total']);
    expect(ours.length).toBeGreaterThan(40);
    expect(ours.length).toBeLessThanOrEqual(60);
  });

  test('show a side as accepted once its keys were there, and have missing keys loaded by a scrape', async () => {
    missingKeys = 'the issuer did not respond';
    createValidatorMetrics(optionsOf());
    expect((await scrape()).has(of('crossfade_accepts', 'audience="legacy"'))).toBe(false);
    expect(loadKeys).toHaveBeenCalledTimes(1);
    await scrape();
    expect(loadKeys).toHaveBeenCalledTimes(2);
    missingKeys = undefined;
    expect((await scrape()).get(of('crossfade_accepts', 'audience="legacy"'))).toBe(1);
    missingKeys = 'they are too old';
    expect((await scrape()).get(of('crossfade_accepts', 'audience="legacy"'))).toBe(1);
    expect(loadKeys).toHaveBeenCalledTimes(2);
  });
});

describe('the end of an API', () => {
  const final = (samples: ReadonlyMap<string, number>) =>
    [...samples].filter(([series]) => series.startsWith('crossfade_process_final')).map(([, value]) => value);

  test('shows, from then on, that the counts are final', async () => {
    const metrics = createValidatorMetrics(optionsOf());
    expect(final(await scrape())).toEqual([0]);
    expect(await metrics.end()).toBe('unknown');
    expect(final(await scrape())).toEqual([1]);
  });

  /** Scrapes twice, 15 s apart. */
  async function scrapeTwice(): Promise<void> {
    vi.useFakeTimers();
    await scrape();
    await vi.advanceTimersByTimeAsync(15_000);
    await scrape();
  }

  test('waits for one more scrape where it is asked to, and for its response to leave', async () => {
    const metrics = createValidatorMetrics(optionsOf());
    await scrapeTwice();
    let end: string | undefined;
    const waiting = metrics.end(60_000).then((how) => {
      end = how;
    });
    await vi.advanceTimersByTimeAsync(14_000);
    expect(final(await scrape())).toEqual([1]);
    expect(end).toBeUndefined();
    await vi.advanceTimersByTimeAsync(250);
    await waiting;
    expect(end).toBe('scraped');
    expect(await metrics.end(60_000)).toBe('scraped');
  });

  test('waits no longer than asked, nor than two intervals, and not at all where no interval is known', async () => {
    expect(await createValidatorMetrics(optionsOf()).end(60_000)).toBe('unknown');
    for (const [graceMs, limitMs] of [
      [5_000, 5_000],
      [600_000, 30_000],
    ] as const) {
      registry = new Registry();
      const metrics = createValidatorMetrics(optionsOf());
      await scrapeTwice();
      const startMs = performance.now();
      const waiting = metrics.end(graceMs).then((end) => [end, performance.now() - startMs]);
      await vi.advanceTimersByTimeAsync(limitMs);
      expect(await waiting).toEqual(['missed', limitMs]);
    }
  });
});

describe('wrong options', () => {
  test('are all named at once, with what to do', () => {
    const wrong = {
      registry: {},
      plan: { migration: 'orders' },
      service: 'orders\napi',
      validator: {},
      flags: null,
      clusterWorker: true,
    };
    expect(() => createValidatorMetrics(wrong as never)).toThrow(
      /registry: must be a Registry of prom-client: npm install prom-client[\s\S]*plan: must be a migration plan[\s\S]*service: must be the name of this API, which becomes the label service: a-z, 0-9, - and _[\s\S]*validator: must be[\s\S]*flags: must be a flag source[\s\S]*clusterWorker: must be own-target/,
    );
    expect(() => createValidatorMetrics({ ...optionsOf(), metrics: 1 } as never)).toThrow(/metrics/);
  });

  test('are those of a cluster worker that shares its port', () => {
    expect(() => readMetricsOptions(optionsOf(), true)).toThrow(
      /clusterWorker: is required in a cluster worker.*give each worker a port of its own/,
    );
    expect(readMetricsOptions({ ...optionsOf(), clusterWorker: 'own-target' }, true).service).toBe('orders-api');
  });

  test('are a second registration, and a registry in which another program has such a metric', async () => {
    createValidatorMetrics(optionsOf()).countJudgement(ACCEPTED);
    expect(() => createValidatorMetrics(optionsOf())).toThrow(/registry: has the metrics of the migration orders-2026/);
    createValidatorMetrics({ ...optionsOf(), plan: { ...PLAN, migration: 'billing' } });
    const accepted = 'audience="legacy",outcome="accepted"';
    const samples = await scrape();
    expect(samples.get(of('crossfade_requests_total', accepted))).toBe(1);
    expect(samples.get(`crossfade_requests_total{${accepted},migration="billing",service="orders-api"}`)).toBe(0);

    registry = new Registry();
    new Counter({ name: 'crossfade_preflights_total', help: 'Of another program.', registers: [registry] });
    expect(() => createValidatorMetrics(optionsOf())).toThrow(
      /has a metric crossfade_preflights_total of another program/,
    );
  });
});
