import { cpuTimeMs, residentMb } from './cpu-time.ts';
import { median } from './interleave.ts';
import { layOut } from './table.ts';
import type { WrkFigures, WrkRun } from './wrk.ts';

/** A server, or a chain of servers, that a benchmark compares with others. */
export interface Contender {
  readonly name: string;
  readonly url: string;
  /** The processes between the load and the API, without the API. */
  readonly pids: readonly number[];
}

interface Round extends WrkFigures {
  readonly cpuUs: number;
}

export interface ContestOptions {
  readonly title: string;
  /** Restarts all contenders. The others are compared with the first one. */
  readonly launch: () => Promise<readonly Contender[]>;
  readonly load: (run: WrkRun) => Promise<WrkFigures>;
}

const CONNECTIONS = 64;
/** Two Node.js processes of the same program differ by up to a third here. */
const LAUNCHES = 3;
const ROUNDS = Math.ceil(Number(process.env['CROSSFADE_BENCH_ROUNDS'] ?? 15) / LAUNCHES);
const SECONDS = 1;
/** After this many requests a server's code is fully optimized. */
const [WARM_UP_REQUESTS, MAX_WARM_UPS] = [20_000, 10];

/**
 * Loads every contender in turn, round after round, each round beginning with the next one, some rounds for each launch, and
 * prints medians. Shares are medians of the ratios to the first contender within a round, so that a drift of the machine's
 * speed affects all alike.
 * @returns the contenders of the last launch.
 */
export async function contend({ title, launch, load }: ContestOptions): Promise<readonly Contender[]> {
  const rounds: Round[][] = [];
  let contenders: readonly Contender[] = [];
  for (let launches = 0; launches < LAUNCHES; launches += 1) {
    contenders = await launch();
    for (const contender of contenders) await warmUp(contender, load);
    for (let round = 0; round < ROUNDS; round += 1) {
      for (let turn = 0; turn < contenders.length; turn += 1) {
        const index = (round + turn) % contenders.length;
        const contender = contenders[index];
        if (contender === undefined) continue;
        rounds[index] ??= [];
        rounds[index].push(await loadOnce(contender, load));
      }
    }
  }
  const [base = []] = rounds;
  const rows = contenders.map(({ name, pids }, index) => {
    const own = rounds[index] ?? [];
    const ratio = (of: (round: Round) => number, better: 'more' | 'less') =>
      median(own.map((round, n) => quotient(of(round), of(base[n] ?? round), better))).toFixed(2);
    return [
      name,
      median(own.map(({ perSecond }) => perSecond)).toFixed(0),
      ratio(({ perSecond }) => perSecond, 'more'),
      median(own.map(({ cpuUs }) => cpuUs)).toFixed(1),
      ratio(({ cpuUs }) => cpuUs, 'less'),
      (median(own.map(({ p50Us }) => p50Us)) / 1000).toFixed(2),
      (median(own.map(({ p99Us }) => p99Us)) / 1000).toFixed(2),
      pids.reduce((sum, pid) => sum + residentMb(pid), 0).toFixed(0),
    ];
  });
  const head = ['', 'requests/s', 'share', 'CPU us/request', 'share', 'p50 ms', 'p99 ms', 'MB'];
  process.stdout.write(`\n${title}\n${layOut([head, ...rows])}`);
  return contenders;
}

/** Computes a share that is above 1 when the value is better than the base. */
function quotient(value: number, base: number, better: 'more' | 'less'): number {
  return better === 'more' ? value / base : base / value;
}

async function warmUp(contender: Contender, load: ContestOptions['load']): Promise<void> {
  let requests = 0;
  for (let run = 0; run < MAX_WARM_UPS && requests < WARM_UP_REQUESTS; run += 1) {
    requests += (await loadOnce(contender, load)).requests;
  }
}

async function loadOnce(contender: Contender, load: ContestOptions['load'], retries = 3): Promise<Round> {
  const { url, pids } = contender;
  const cpuMs = () => pids.reduce((sum, pid) => sum + cpuTimeMs(pid), 0);
  const beforeMs = cpuMs();
  const figures = await load({ url, connections: CONNECTIONS, seconds: SECONDS });
  if (figures.requests === 0 && retries > 0) return loadOnce(contender, load, retries - 1);
  return { ...figures, cpuUs: ((cpuMs() - beforeMs) * 1000) / figures.requests };
}
