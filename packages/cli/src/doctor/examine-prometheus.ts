import { formatDuration, type MigrationPlan, parseDurationMs, UnavailableError } from '@crossfade/core';
import { METRICS } from '@crossfade/core/metrics';
import { z } from 'zod';
import { createPrometheusApi, type PrometheusApi } from '../prometheus/prometheus-api.ts';
import { createPrometheusQuery, type PrometheusQuery } from '../prometheus/prometheus-query.ts';
import { examineRules, rulesSchema } from './examine-rules.ts';
import { type Finding, fail, pass, unknown, warn } from './finding.ts';

interface PrometheusTools {
  readonly now: () => number;
  readonly signal: AbortSignal;
}

const retentionSchema = z.object({ data: z.object({ storageRetention: z.string() }) });
const flagsSchema = z.object({ data: z.object({ 'storage.tsdb.retention.time': z.string() }) });
/** How far the recording rules look back at what they recorded. */
const RULES_LOOK_BACK_MS = 86_400_000;
/** What Prometheus keeps where its flag says 0s: nothing was set. */
const DEFAULT_RETENTION = '15d';
/** Long enough for a scrape interval of minutes. */
const SCRAPES_WITHIN_MS = 600_000;

/** Checks what the gate needs of Prometheus: rules, scrapes, retention and clock. Nothing where the gate asks sidecars. */
export async function examinePrometheus(plan: MigrationPlan, tools: PrometheusTools): Promise<readonly Finding[]> {
  const { prometheus } = plan.gate;
  if (prometheus === undefined) return [];
  const api = createPrometheusApi(prometheus, tools.signal);
  const query = createPrometheusQuery(api);
  const get = (path: string) => tryGet(api, path);
  let nowSeconds: number | undefined;
  try {
    nowSeconds = (await query('vector(time())'))[0]?.value;
  } catch (error) {
    if (!(error instanceof UnavailableError)) throw error;
    // The meters report it.
    return [];
  }
  const [scrapes, renamed, loaded, retention] = await Promise.all([
    countScrapes(plan, query),
    findRenamed(plan, query),
    examineLoaded(get, (nowSeconds ?? tools.now() / 1000) * 1000),
    examineRetention(get),
  ]);
  const clock = examineClock(plan, nowSeconds, tools.now());
  return [
    ...loaded,
    examineScrapes(plan, scrapes),
    ...examineRenamed(renamed),
    retention,
    ...(clock === undefined ? [] : [clock]),
  ];
}

/** The samples of the instance that has the most of them; `undefined` where none has, or Prometheus is too slow to tell. */
async function countScrapes({ migration }: MigrationPlan, query: PrometheusQuery): Promise<number | undefined> {
  const samples = `${METRICS.buildInfo.name}{migration="${migration}"}[${SCRAPES_WITHIN_MS / 1000}s]`;
  return oneOf(query, `max(count_over_time(${samples}))`);
}

const OUR_LABELS = ['migration', 'service', 'process'] as const;
type OurLabel = (typeof OUR_LABELS)[number];

/** The labels of the meters that Prometheus keeps as `exported_...`, because those of the target have the same names. */
async function findRenamed({ migration }: MigrationPlan, query: PrometheusQuery): Promise<readonly OurLabel[]> {
  const exported = {
    migration: `${METRICS.processStart.name}{exported_migration="${migration}"}`,
    service: `${METRICS.processStart.name}{migration="${migration}",exported_service!=""}`,
    process: `${METRICS.processStart.name}{migration="${migration}",exported_process!=""}`,
  };
  const counts = await Promise.all(OUR_LABELS.map((label) => oneOf(query, `count(${exported[label]})`)));
  return OUR_LABELS.filter((_label, index) => (counts[index] ?? 0) > 0);
}

/** `undefined`: there is none, or it takes Prometheus too long to tell. */
async function oneOf(query: PrometheusQuery, promql: string): Promise<number | undefined> {
  try {
    return (await query(promql))[0]?.value;
  } catch (error) {
    if (error instanceof UnavailableError) return undefined;
    throw error;
  }
}

function examineRenamed(labels: readonly OurLabel[]): readonly Finding[] {
  if (labels.length === 0) return [];
  const names = labels.map((label) => `${label} of the meters became exported_${label}`).join(', ');
  return [
    fail(
      'rules',
      `${names}: a label of the target has that name, so the rules and the gate read the target's`,
      'set honor_labels: true in the scrape job (honorLabels of a ServiceMonitor or PodMonitor), or drop that target label',
    ),
  ];
}

type Get = (path: string) => Promise<unknown>;

async function tryGet(api: PrometheusApi, path: string): Promise<unknown> {
  try {
    return await api.get(path);
  } catch (error) {
    if (error instanceof UnavailableError) return undefined;
    throw error;
  }
}

async function examineLoaded(get: Get, nowMs: number): Promise<readonly Finding[]> {
  const parsed = rulesSchema.safeParse(await get('rules'));
  if (parsed.success) return examineRules(parsed.data.data.groups, nowMs);
  return [
    unknown(
      'rules',
      'this server does not list its rules (/api/v1/rules)',
      'look at its ruler: the groups of deploy/prometheus/crossfade.rules.yml must be loaded',
    ),
  ];
}

/** By how many samples an instance has: with two of them in `gate.blind`, one may fail. */
function examineScrapes({ gate: { blindMs } }: MigrationPlan, scrapes: number | undefined): Finding {
  if (scrapes === undefined || scrapes < 2)
    return unknown(
      'scrape',
      `no instance of the migration was scraped twice within ${formatDuration(SCRAPES_WITHIN_MS)}`,
      'check the scrape jobs, or ask again once the sidecars have run for a while',
    );
  const intervalMs = SCRAPES_WITHIN_MS / scrapes;
  // A young instance has few samples, so the interval may be shorter than it seems.
  const seems = formatDuration(Math.round(intervalMs / 1000) * 1000);
  if (intervalMs * 2 <= blindMs)
    return pass(
      'scrape',
      `instances are scraped every ${seems} or more often; gate.blind is ${formatDuration(blindMs)}`,
    );
  return warn(
    'scrape',
    `instances seem to be scraped every ${seems}, and gate.blind is ${formatDuration(blindMs)}: one scrape that fails begins the watch again`,
    'scrape at least twice in gate.blind, or raise gate.blind; if the sidecars have just started, ask again',
  );
}

async function examineRetention(get: Get): Promise<Finding> {
  const needed = formatDuration(RULES_LOOK_BACK_MS);
  const text = await retentionText(get);
  const keptMs = text === undefined ? undefined : retentionMs(text);
  if (keptMs === undefined)
    return unknown(
      'retention',
      `how long this server keeps samples is not told; the recording rules look back ${needed}`,
      `see that it keeps them for ${needed}`,
    );
  if (keptMs < RULES_LOOK_BACK_MS)
    return fail(
      'retention',
      `this server keeps samples for ${formatDuration(keptMs)}, and the recording rules look back ${needed}`,
      `keep them longer (--storage.tsdb.retention.time), or point gate.prometheus at a store that does`,
    );
  return pass('retention', `samples are kept for ${formatDuration(keptMs)}; the recording rules look back ${needed}`);
}

async function retentionText(get: Get): Promise<string | undefined> {
  const info = retentionSchema.safeParse(await get('status/runtimeinfo'));
  if (info.success) return info.data.data.storageRetention;
  const flags = flagsSchema.safeParse(await get('status/flags'));
  const text = flags.data?.data['storage.tsdb.retention.time'];
  return text === '0s' ? DEFAULT_RETENTION : text;
}

const UNITS_MS: Readonly<Record<string, number>> = { y: 31_536_000_000, w: 604_800_000 };

/** Reads a duration as Prometheus prints it: `15d`, `4w2d`, `15d or 512MB`; `undefined` for a limit by size alone. */
function retentionMs(text: string): number | undefined {
  const parts = [...text.replace(/ or .*$/, '').matchAll(/(\d+)(ms|[ywdhms])/g)];
  if (parts.length === 0 || /[KMGTPE]i?B/.test(text.replace(/ or .*$/, ''))) return undefined;
  return parts.reduce(
    (sum, [part, count, unit = '']) =>
      sum + (UNITS_MS[unit] === undefined ? (parseDurationMs(part) ?? 0) : Number(count) * UNITS_MS[unit]),
    0,
  );
}

function examineClock(plan: MigrationPlan, nowSeconds: number | undefined, nowMs: number): Finding | undefined {
  if (nowSeconds === undefined) return undefined;
  const skewMs = Math.abs(nowMs - nowSeconds * 1000);
  if (skewMs <= plan.clockToleranceMs + 2000) return pass('clock', 'this clock agrees with the one of Prometheus');
  return warn(
    'clock',
    `this clock and the one of Prometheus differ by about ${formatDuration(skewMs)}; the plan tolerates ${formatDuration(plan.clockToleranceMs)}`,
    'synchronise the clocks: the gate compares times of both',
  );
}
