import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { layOut } from '../table.ts';
import { isInstalled } from '../wrk.ts';
import { type RecordedSeries, writeHistory } from './recorded-history.ts';
import { type ScaleFleet, startScaleFleet } from './scale-fleet.ts';
import type { GroupTimes } from './scale-prometheus.ts';
import { measureVerbs, type VerbCost } from './scale-verbs.ts';

const SIZES = (process.env['CROSSFADE_BENCH_INSTANCES'] ?? '10,100,1000,10000').split(',').map(Number);
const DAYS = Number(process.env['CROSSFADE_BENCH_DAYS'] ?? 31);
const DAY_MS = 86_400_000;
/** How long Prometheus and the rules run before anything is measured: each window of 5 minutes is full then. */
const WARM_UP_MS = Number(process.env['CROSSFADE_BENCH_WARM_UP_SECONDS'] ?? 450) * 1000;
/** The last part of it, in which the evaluations of the rules count. */
const COUNTED_MS = 150_000;
/** The last step: the verbs compare a day before with a day after it. */
const STEPPED_MS = 2 * DAY_MS;
/** Fleets up to this size run beside each other while they warm up: they cost next to nothing. */
const SMALL = 1000;
/** Prometheus takes up new blocks once a minute. */
const BLOCKS_MS = 75_000;

/** Prints what the gate costs with Prometheus, by the number of instances: a month of recorded series, minutes of raw ones. */
export async function benchScale(): Promise<void> {
  const absent = ['prometheus', 'promtool', 'nginx'].filter((program) => !isInstalled(program));
  if (absent.length > 0) {
    process.stdout.write(
      `\nscale: skipped, because ${absent.join(', ')} is not installed (.ci/install-real-parts does)\n`,
    );
    return;
  }
  const past = mkdtempSync(join(tmpdir(), 'crossfade-past-'));
  const curve: Row[] = [];
  try {
    const small = SIZES.filter((size) => size <= SMALL);
    // The first fleet shows which series the rules record: their month is written then, also for the others.
    curve.push(...(await measureSmall(small.length > 0 ? small : [10], past)));
    for (const size of SIZES.filter((one) => one > SMALL)) curve.push(await measureLarge(size, past));
  } finally {
    rmSync(past, { recursive: true, force: true });
  }
  print(curve);
}

interface Row {
  readonly size: number;
  readonly rules: readonly GroupTimes[];
  readonly verbs: readonly VerbCost[];
  readonly prometheusMb: number;
}

async function measureSmall(sizes: readonly number[], past: string): Promise<Row[]> {
  const fleets = await Promise.all(
    sizes.map((size) => startScaleFleet(size, Date.now() - STEPPED_MS, () => undefined)),
  );
  const beganSeconds = Math.floor(Date.now() / 1000);
  const rows: Row[] = [];
  try {
    await delay(WARM_UP_MS);
    const rules = new Map(fleets.map((fleet) => [fleet, fleet.prometheus.ruleTimes(Date.now() - COUNTED_MS)]));
    writeHistory(past, await recordedSeries(fleets), { days: DAYS, endSeconds: beganSeconds - 120 });
    for (const { prometheus } of fleets) cpSync(past, prometheus.data, { recursive: true });
    await delay(BLOCKS_MS);
    for (const fleet of fleets) rows.push(await measure(fleet, rules.get(fleet) ?? []));
  } finally {
    for (const fleet of fleets) await fleet.stop();
  }
  return rows;
}

async function measureLarge(size: number, past: string): Promise<Row> {
  const fill = (data: string) => cpSync(past, data, { recursive: true });
  const fleet = await startScaleFleet(size, Date.now() - STEPPED_MS, fill);
  try {
    await delay(WARM_UP_MS);
    return await measure(fleet, fleet.prometheus.ruleTimes(Date.now() - COUNTED_MS));
  } finally {
    await fleet.stop();
  }
}

async function recordedSeries([fleet]: readonly ScaleFleet[]): Promise<readonly RecordedSeries[]> {
  const series = (await fleet?.prometheus.query('{__name__=~"crossfade:.+"}')) ?? [];
  if (series.some(({ labels }) => labels['__name__'] === 'crossfade:watched:bool')) return series;
  throw new Error('the rules recorded no crossfade:watched:bool while the fleet warmed up');
}

async function measure(fleet: ScaleFleet, rules: readonly GroupTimes[]): Promise<Row> {
  const verbs = await measureVerbs(fleet);
  const row = { size: fleet.size, rules, verbs, prometheusMb: fleet.prometheus.peakMb() };
  for (const line of linesOf(row)) process.stderr.write(`${line.join('\t')}\n`);
  return row;
}

const HEAD = ['instances', 'what', 'median s', 'slowest s', 'queries', 'their sum s', 'most series', 'MB'];

function linesOf({ size, rules, verbs, prometheusMb }: Row): string[][] {
  return [
    ...rules
      .filter(({ group }) => group.startsWith('crossfade-'))
      .map(({ group, medianSeconds, slowestSeconds }) => [
        ...[`${size}`, `rules: ${group}`, medianSeconds.toFixed(3), slowestSeconds.toFixed(3)],
        ...['', '', '', ''],
      ]),
    ...verbs.map((cost) => [
      ...[`${size}`, cost.what, cost.medianSeconds.toFixed(2), cost.slowestSeconds.toFixed(2)],
      ...[`${cost.queries}`, cost.queriesSeconds.toFixed(2), `${cost.mostSeries}`, cost.mb.toFixed(0)],
    ]),
    [`${size}`, 'Prometheus, at its peak', '', '', '', '', '', prometheusMb.toFixed(0)],
  ];
}

function print(curve: readonly Row[]): void {
  process.stdout.write(
    `\nScale: scrapes each 60 s, ${DAYS} days of recorded series; Prometheus' own seconds for rules, the command's for the CLI\n${layOut([HEAD, ...curve.flatMap(linesOf)])}`,
  );
}
