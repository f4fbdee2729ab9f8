import { execFile, spawn } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { type BenchProcesses, freePort, startBenchProcesses } from '../bench-processes.ts';
import { residentMb } from '../cpu-time.ts';
import { median } from '../interleave.ts';
import { apiInFront } from '../proxy.ts';
import { layOut } from '../table.ts';
import { isInstalled } from '../wrk.ts';
import { startFleetExporter } from './fleet-exporter.ts';
import { type CountedQuery, type QueryCounter, startQueryCounter } from './query-counter.ts';
import { type RecordedSeries, writeHistory } from './recorded-history.ts';

const ROOT = resolve(import.meta.dirname, '../../../..');
const CLI = join(ROOT, 'packages/cli/bin/crossfade.js');
const SIZES = (process.env['CROSSFADE_BENCH_INSTANCES'] ?? '10,100,1000,10000').split(',').map(Number);
const DAYS = Number(process.env['CROSSFADE_BENCH_DAYS'] ?? 31);
const MIGRATION = 'bench';
/** How long Prometheus and the rules run before anything is measured: each window of 5 minutes is full then. */
const WARM_UP_MS = 480_000;
/** The fleet from which the bench learns which series the rules record. */
const LEARN_FROM = 10;
/** The runs of each command; the table has the median and the slowest. */
const RUNS = 5;
/** Of the Prometheus under test; the machine needs the rest. */
const MEMORY_LIMIT = '8GiB';

/** Prints what the gate costs with Prometheus, by the number of instances: a month of recorded series, minutes of raw ones. */
export async function benchScale(): Promise<void> {
  const absent = ['prometheus', 'promtool', 'nginx'].filter((program) => !isInstalled(program));
  if (absent.length > 0) {
    process.stdout.write(
      `\nscale: skipped, because ${absent.join(', ')} is not installed (.ci/install-real-parts does)\n`,
    );
    return;
  }
  const learnt = await withFleet(LEARN_FROM, ({ folder, port }) => learnSeries(folder, port));
  process.stderr.write(`the rules record ${learnt.length} series; ${DAYS} days of them are written for each fleet\n`);
  const rows: string[][] = [];
  for (const size of SIZES) rows.push(...(await withFleet(size, (fleet) => measureFleet(fleet, learnt))));
  const head = ['instances', 'what', 'median s', 'slowest s', 'queries', 'slowest query s', 'most series', 'MB'];
  process.stdout.write(
    `\nScale: scrapes each 60 s, ${DAYS} days of recorded series; Prometheus' own seconds for rules, the command's for the CLI\n${layOut([head, ...rows])}`,
  );
}

interface ScaleFleet {
  readonly size: number;
  readonly processes: BenchProcesses;
  readonly sidecar: ScaleSidecar;
  readonly counter: QueryCounter;
  /** Of Prometheus: its configuration, and its data below. */
  readonly folder: string;
  readonly port: number;
}

async function withFleet<T>(size: number, use: (fleet: ScaleFleet) => Promise<T>): Promise<T> {
  const processes = await startBenchProcesses();
  const stops: (() => void)[] = [];
  try {
    const port = await freePort();
    const counter = await startQueryCounter(`http://127.0.0.1:${port}`);
    stops.push(counter.stop);
    const sidecar = await startSidecar(processes, counter.url);
    const exporter = await startFleetExporter(sidecar.adminUrl, size);
    stops.push(exporter.stop);
    const folder = join(processes.folder, 'prometheus');
    writeConfiguration(folder, size, exporter);
    return await use({ size, processes, sidecar, counter, folder, port });
  } finally {
    for (const stop of stops) stop();
    await processes.end();
  }
}

async function measureFleet(fleet: ScaleFleet, learnt: readonly RecordedSeries[]): Promise<string[][]> {
  const { size, processes, sidecar, counter, folder, port } = fleet;
  const url = `http://127.0.0.1:${port}`;
  writeHistory(join(folder, 'data'), learnt, { days: DAYS, endSeconds: Math.floor(Date.now() / 1000) });
  const prometheus = startPrometheus(folder, port);
  try {
    await waitUntilReady(url);
    await sendTargetTokens(processes, sidecar.url, WARM_UP_MS);
    const rows = [...(await measureRules(url, size)), ...(await measureVerbs(sidecar, counter, size))];
    rows.push([`${size}`, 'Prometheus, at its peak', '', '', '', '', '', peakMb(prometheus.pid).toFixed(0)]);
    for (const row of rows) process.stderr.write(`${row.join('\t')}\n`);
    return rows;
  } finally {
    await prometheus.stop();
  }
}

interface ScaleSidecar {
  readonly url: string;
  readonly adminUrl: string;
  readonly plan: string;
}

async function startSidecar(processes: BenchProcesses, prometheus: string): Promise<ScaleSidecar> {
  const api = await apiInFront(processes);
  const admin = `127.0.0.1:${await freePort()}`;
  const gate = { silence: '24h', coverage: 0.99, blind: '15m', prometheus };
  const sidecar = await processes.sidecar(
    { mode: 'proxy', judge: 'observe', upstream: api.url, admin },
    {
      plan: { gate },
    },
  );
  const { flags } = JSON.parse(readFileSync(sidecar.plan, 'utf8')) as { flags: { path: string } };
  const since = new Date(Date.now() - (DAYS + 1) * 86_400_000).toISOString();
  writeFileSync(
    flags.path,
    JSON.stringify({
      'issue-target': { enabled: true, percent: 100, revision: '7', since },
      'accept-legacy': { enabled: true },
    }),
  );
  return { url: sidecar.url, adminUrl: `http://${admin}`, plan: sidecar.plan };
}

function writeConfiguration(
  folder: string,
  size: number,
  { address, paths }: { readonly address: string; readonly paths: readonly string[] },
): void {
  mkdirSync(folder, { recursive: true });
  cpSync(join(ROOT, 'deploy/prometheus/crossfade.rules.yml'), join(folder, 'crossfade.rules.yml'));
  const expected = `label_replace(label_replace(vector(${size}), "migration", "${MIGRATION}", "", ""), "service", "bench", "", "")`;
  writeFileSync(
    join(folder, 'expected.rules.yml'),
    JSON.stringify({
      groups: [
        { name: 'expected', interval: '30s', rules: [{ record: 'crossfade:expected_instances:sum', expr: expected }] },
      ],
    }),
  );
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

/** Runs the rules for a moment, to learn which series they record. */
async function learnSeries(folder: string, port: number): Promise<readonly RecordedSeries[]> {
  const url = `http://127.0.0.1:${port}`;
  const first = startPrometheus(folder, port, 'learn');
  try {
    await waitUntilReady(url);
    const deadlineMs = performance.now() + 600_000;
    for (;;) {
      const series = await query(url, '{__name__=~"crossfade:.+"}');
      if (series.some(({ labels }) => labels['__name__'] === 'crossfade:watched:bool')) return series;
      if (performance.now() > deadlineMs) throw new Error('the rules recorded no crossfade:watched:bool in 10 minutes');
      await delay(5000);
    }
  } finally {
    await first.stop();
  }
}

function startPrometheus(folder: string, port: number, data = 'data') {
  const args = [
    '--config.file=prometheus.yml',
    `--storage.tsdb.path=${data}`,
    '--storage.tsdb.retention.time=40d',
    `--web.listen-address=127.0.0.1:${port}`,
    '--log.level=error',
  ];
  const child = spawn('prometheus', args, {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { ...process.env, GOMEMLIMIT: MEMORY_LIMIT },
  });
  const ended = new Promise<void>((done) => {
    child.once('exit', () => done());
  });
  return {
    pid: child.pid ?? 0,
    stop() {
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

/** Keeps the fleet seeing target tokens, and this process waiting. */
async function sendTargetTokens({ tokens }: BenchProcesses, url: string, ms: number): Promise<void> {
  // Every other token of the benchmark is for the target audience.
  const authorization = `Bearer ${tokens[1]}`;
  const endMs = performance.now() + ms;
  while (performance.now() < endMs) {
    await (await fetch(url, { headers: { authorization } })).text();
    await delay(5000);
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

/** Reads how long each group took, for `RUNS` evaluations. */
async function measureRules(url: string, size: number): Promise<string[][]> {
  const seen = new Map<string, Map<string, number>>();
  const enough = () => [...seen.values()].every((times) => times.size >= RUNS);
  while (seen.size === 0 || !enough()) {
    const { data } = (await (await fetch(`${url}/api/v1/rules`)).json()) as { data: { groups: readonly RuleGroup[] } };
    for (const { name, evaluationTime, lastEvaluation } of data.groups) {
      const times = seen.get(name) ?? new Map<string, number>();
      seen.set(name, times.set(lastEvaluation, evaluationTime));
    }
    await delay(2000);
  }
  return [...seen].map(([name, times]) => {
    const all = [...times.values()];
    return [`${size}`, `rules: ${name}`, median(all).toFixed(3), Math.max(...all).toFixed(3), '', '', '', ''];
  });
}

interface VerbRun {
  readonly seconds: number;
  readonly mb: number;
  readonly queries: readonly CountedQuery[];
}

/** What a rollback reads at each poll is what `status` reads. */
const VERBS: readonly (readonly string[])[] = [['gate'], ['status'], ['advance', '--to', '100', '--dry-run']];

async function measureVerbs({ plan }: ScaleSidecar, counter: QueryCounter, size: number): Promise<string[][]> {
  const rows: string[][] = [];
  for (const verb of VERBS) {
    const runs: VerbRun[] = [];
    for (let run = 0; run < RUNS; run += 1) runs.push(await runVerb(verb, plan, counter));
    const seconds = runs.map((run) => run.seconds);
    const queries = runs.flatMap((run) => run.queries);
    rows.push([
      `${size}`,
      `crossfade ${verb.join(' ')}`,
      median(seconds).toFixed(2),
      Math.max(...seconds).toFixed(2),
      `${queries.length / RUNS}`,
      (Math.max(0, ...queries.map(({ tookMs }) => tookMs)) / 1000).toFixed(2),
      `${Math.max(0, ...queries.map(({ series }) => series))}`,
      Math.max(...runs.map(({ mb }) => mb)).toFixed(0),
    ]);
    for (const slow of queries.toSorted((one, other) => other.tookMs - one.tookMs).slice(0, 3))
      process.stderr.write(`${slow.tookMs.toFixed(0)} ms, ${slow.series} series: ${slow.query}\n`);
  }
  return rows;
}

const PEAK = 'data:text/javascript,process.on("exit",()=>process.stderr.write("peak "+process.resourceUsage().maxRSS))';

async function runVerb(verb: readonly string[], plan: string, counter: QueryCounter): Promise<VerbRun> {
  counter.take();
  const startedMs = performance.now();
  const run = promisify(execFile)(process.execPath, ['--import', PEAK, CLI, ...verb, '--config', plan, '--json']);
  const { stdout, stderr } = await run.catch((error: { stdout: string; stderr: string }) => error);
  const seconds = (performance.now() - startedMs) / 1000;
  if (!stdout.startsWith('{')) throw new Error(`crossfade ${verb.join(' ')} printed no JSON: ${stderr}`);
  return { seconds, mb: Number(/peak (\d+)/.exec(stderr)?.[1] ?? 0) / 1024, queries: counter.take() };
}

function peakMb(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) / 1024 || residentMb(pid);
}
