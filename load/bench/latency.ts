import { startBenchProcesses } from './bench-processes.ts';
import type { Contender } from './contend.ts';
import { median } from './interleave.ts';
import { apiInFront, proxiesInFront } from './proxy.ts';
import { layOut } from './table.ts';
import { createVegeta, percentile } from './vegeta.ts';
import { isInstalled } from './wrk.ts';

/** Requests a second, far below what any of the contenders can serve: latency is then the time of a request. */
const RATES = [1_000, 3_000];
const [CONNECTIONS, SECONDS] = [64, 4];
/** Two Node.js processes of the same program differ: all servers start afresh with each launch. */
const LAUNCHES = 3;
const ROUNDS = Math.ceil(Number(process.env['CROSSFADE_BENCH_ROUNDS'] ?? 6) / LAUNCHES);
const WARM_UP = { rate: 4_000, seconds: 5 };

/** What one contender showed in one round. */
interface Shown {
  readonly contender: string;
  readonly rate: number;
  readonly p50Us: number;
  readonly p99Us: number;
  readonly p999Us: number;
}

/** Prints what passing through the sidecar adds to the latency of requests that arrive at a fixed rate. */
export async function benchLatency(): Promise<void> {
  if (!isInstalled('vegeta') || !isInstalled('nginx')) {
    process.stdout.write(
      '\nlatency: skipped, because vegeta or nginx is not installed (.ci/install-real-parts installs them)\n',
    );
    return;
  }
  const processes = await startBenchProcesses();
  try {
    const attack = createVegeta(processes.folder, processes.tokens);
    const api = await apiInFront(processes);
    const measure = async ({ name, url }: Contender, rate: number): Promise<Shown> => {
      const latencies = await attack({ url, rate, connections: CONNECTIONS, seconds: SECONDS });
      const of = (share: number) => percentile(latencies, share);
      return { contender: name, rate, p50Us: of(0.5), p99Us: of(0.99), p999Us: of(0.999) };
    };
    const shown: Shown[] = [];
    for (let launch = 0; launch < LAUNCHES; launch += 1) {
      const proxies = await proxiesInFront(processes, api, ['@fastify/reply-from']);
      const contenders = [{ name: 'the API itself', url: api.url, pids: [] }, ...proxies];
      for (const { url } of contenders) await attack({ url, connections: CONNECTIONS, ...WARM_UP });
      for (let round = 0; round < ROUNDS; round += 1) {
        const inTurn = [...contenders.slice(round), ...contenders.slice(0, round)];
        for (const rate of RATES) for (const contender of inTurn) shown.push(await measure(contender, rate));
      }
      await processes.stop(proxies.flatMap(({ pids }) => pids));
    }
    for (const rate of RATES) {
      print(
        rate,
        shown.filter((one) => one.rate === rate),
      );
    }
  } finally {
    await processes.end();
  }
}

function print(rate: number, shown: readonly Shown[]): void {
  const of = (name: string) => shown.filter(({ contender }) => contender === name);
  const [alone, nginx] = [of('the API itself'), of('nginx proxy_pass')];
  const rows = [...new Set(shown.map(({ contender }) => contender))].map((name) => {
    const own = of(name);
    const middle = (value: (one: Shown) => number) => median(own.map(value));
    /** Of the same round. */
    const beside = (others: readonly Shown[], value: (one: Shown, other: Shown) => number) =>
      median(own.map((one, round) => value(one, others[round] ?? one)));
    const times = [
      middle(({ p50Us }) => p50Us),
      beside(alone, (one, other) => one.p50Us - other.p50Us),
      middle(({ p99Us }) => p99Us),
      beside(alone, (one, other) => one.p99Us - other.p99Us),
    ];
    return [
      name,
      ...times.map(milliseconds),
      beside(nginx, (one, other) => one.p99Us / other.p99Us).toFixed(2),
      milliseconds(middle(({ p999Us }) => p999Us)),
    ];
  });
  const head = ['', 'p50 ms', 'added', 'p99 ms', 'added', "of nginx's", 'p99.9 ms'];
  process.stdout.write(
    `\nLatency at ${rate} requests/s, ${CONNECTIONS} connections: from when each request was due, whether it was sent then or not\n` +
      `${layOut([head, ...rows])}`,
  );
}

function milliseconds(us: number): string {
  return (us / 1000).toFixed(2);
}
