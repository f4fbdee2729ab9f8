import { spawn } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { median } from '../interleave.ts';
import type { FleetExporter } from './fleet-exporter.ts';
import type { RecordedSeries } from './recorded-history.ts';

const ROOT = resolve(import.meta.dirname, '../../../..');
/** Of the Prometheus under test; the machine needs the rest. */
const MEMORY_LIMIT = '4GiB';
const LOOK_EVERY_MS = 5000;

/** The Prometheus of one fleet. */
export interface ScalePrometheus {
  readonly url: string;
  /** Where its blocks are: it takes up what is written there within a minute. */
  readonly data: string;
  query(promql: string): Promise<readonly RecordedSeries[]>;
  /** Returns how long each group of rules took, for each evaluation since a moment. */
  ruleTimes(sinceMs: number): readonly GroupTimes[];
  /** Its memory at the peak, in MB. */
  peakMb(): number;
  stop(): Promise<void>;
}

export interface GroupTimes {
  readonly group: string;
  readonly medianSeconds: number;
  readonly slowestSeconds: number;
}

/** The names by which the rules know the fleet. */
export interface FleetNames {
  readonly migration: string;
  readonly service: string;
}

/** Writes what a Prometheus needs that scrapes this fleet with the shipped rules. */
export function writeConfiguration(
  folder: string,
  size: number,
  { address, paths }: Pick<FleetExporter, 'address' | 'paths'>,
  { migration, service }: FleetNames,
): void {
  mkdirSync(folder, { recursive: true });
  cpSync(join(ROOT, 'deploy/prometheus/crossfade.rules.yml'), join(folder, 'crossfade.rules.yml'));
  const expected = `label_replace(label_replace(vector(${size}), "migration", "${migration}", "", ""), "service", "${service}", "", "")`;
  const rules = [{ record: 'crossfade:expected_instances:sum', expr: expected }];
  const groups = [{ name: 'expected', interval: '30s', rules }];
  writeFileSync(join(folder, 'expected.rules.yml'), JSON.stringify({ groups }));
  const targets = paths.map((path) => ({ targets: [address], labels: { __metrics_path__: path } }));
  writeFileSync(
    join(folder, 'prometheus.yml'),
    JSON.stringify({
      global: { scrape_interval: '60s', scrape_timeout: '50s', evaluation_interval: '30s' },
      rule_files: ['crossfade.rules.yml', 'expected.rules.yml'],
      scrape_configs: [{ job_name: 'fleet', honor_labels: true, static_configs: targets }],
    }),
  );
}

/** Starts Prometheus in a folder with its configuration, and notes how long its rules take. */
export async function startScalePrometheus(folder: string, port: number): Promise<ScalePrometheus> {
  const url = `http://127.0.0.1:${port}`;
  const args = [
    '--config.file=prometheus.yml',
    '--storage.tsdb.path=data',
    '--storage.tsdb.retention.time=40d',
    `--web.listen-address=127.0.0.1:${port}`,
    '--log.level=error',
  ];
  const env = { ...process.env, GOMEMLIMIT: MEMORY_LIMIT };
  const child = spawn('prometheus', args, { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'], env });
  const ended = new Promise<void>((done) => child.once('exit', () => done()));
  await waitUntilReady(url);
  const seen = new Map<string, Map<string, number>>();
  const timer = setInterval(() => void noteRuleTimes(url, seen).catch(() => undefined), LOOK_EVERY_MS);
  return {
    url,
    data: join(folder, 'data'),
    query: (promql) => query(url, promql),
    ruleTimes: (sinceMs) => [...seen].map(([group, times]) => groupTimes(group, times, sinceMs)),
    peakMb: () => peakMb(child.pid ?? 0),
    stop() {
      clearInterval(timer);
      child.kill();
      return ended;
    },
  };
}

/** A Prometheus that reads its log responds with 503. */
async function waitUntilReady(url: string): Promise<void> {
  const isReady = () =>
    fetch(`${url}/-/ready`).then(
      ({ ok }) => ok,
      () => false,
    );
  const deadlineMs = performance.now() + 120_000;
  while (!(await isReady())) {
    if (performance.now() > deadlineMs) throw new Error('Prometheus was not ready after two minutes');
    await delay(200);
  }
}

async function query(url: string, promql: string): Promise<readonly RecordedSeries[]> {
  const response = await fetch(`${url}/api/v1/query?query=${encodeURIComponent(promql)}`);
  const { data } = (await response.json()) as {
    data: { result: readonly { metric: Record<string, string>; value: readonly [number, string] }[] };
  };
  return data.result.map(({ metric, value }) => ({ labels: metric, value: Number(value[1]) }));
}

interface RuleGroup {
  readonly name: string;
  readonly evaluationTime: number;
  readonly lastEvaluation: string;
}

async function noteRuleTimes(url: string, seen: Map<string, Map<string, number>>): Promise<void> {
  const { data } = (await (await fetch(`${url}/api/v1/rules`)).json()) as { data: { groups: readonly RuleGroup[] } };
  for (const { name, evaluationTime, lastEvaluation } of data.groups) {
    const times = seen.get(name) ?? new Map<string, number>();
    seen.set(name, times.set(lastEvaluation, evaluationTime));
  }
}

function groupTimes(group: string, times: ReadonlyMap<string, number>, sinceMs: number): GroupTimes {
  const counted = [...times].filter(([at]) => Date.parse(at) >= sinceMs).map(([, seconds]) => seconds);
  return { group, medianSeconds: median(counted), slowestSeconds: Math.max(...counted) };
}

function peakMb(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) / 1024;
}
