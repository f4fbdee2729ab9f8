import { type BenchServer, startBenchProcesses } from './bench-processes.ts';
import { cpuTimeMs, residentMb } from './cpu-time.ts';
import { median } from './interleave.ts';
import { apiInFront, type StartProxy, startersInFront } from './proxy.ts';
import { layOut } from './table.ts';
import { createWrk, isInstalled } from './wrk.ts';

const ROUNDS = Math.ceil(Number(process.env['CROSSFADE_BENCH_ROUNDS'] ?? 15) / 3);
const LOAD = { connections: 64, seconds: 10 };

interface Start {
  /** From the start of the process to its first response to a client. */
  readonly readyMs: number;
  /** Of the whole process, until then: on a busy machine, the number to trust. */
  readonly cpuMs: number;
  readonly readyMb: number;
  readonly loadedMb: number;
}

/** Prints how long the sidecar takes to be ready, and its memory, next to nginx. */
export async function benchStart(): Promise<void> {
  if (!isInstalled('wrk') || !isInstalled('nginx')) {
    process.stdout.write(
      '\nstart: skipped, because wrk or nginx is not installed (.ci/install-real-parts installs them)\n',
    );
    return;
  }
  const processes = await startBenchProcesses();
  try {
    const load = createWrk(processes.folder, processes.tokens);
    const api = await apiInFront(processes);
    const starters = startersInFront(processes, api, ['@fastify/reply-from']);
    const starts = starters.map((): Start[] => []);
    for (let round = 0; round < ROUNDS; round += 1) {
      for (const [index, { start }] of starters.entries()) {
        const { server, ...measured } = await measureStart(start);
        await load({ url: server.url, ...LOAD });
        starts[index]?.push({ ...measured, loadedMb: residentMb(server.pid) });
        await processes.stop([server.pid]);
      }
    }
    const rows = starters.map(({ name }, index) => {
      const middle = (of: (start: Start) => number) => median((starts[index] ?? []).map(of)).toFixed(0);
      return [
        name,
        middle(({ readyMs }) => readyMs),
        middle(({ cpuMs }) => cpuMs),
        middle(({ readyMb }) => readyMb),
        middle(({ loadedMb }) => loadedMb),
      ];
    });
    const head = ['', 'ready ms', 'CPU ms', 'MB, ready', `MB, ${LOAD.seconds} s of load`];
    process.stdout.write(
      `\nStart: until the first response to a client; resident memory then, and after ${LOAD.connections} connections\n` +
        `${layOut([head, ...rows])}`,
    );
  } finally {
    await processes.end();
  }
}

async function measureStart(start: StartProxy['start']) {
  const startedMs = performance.now();
  const server: BenchServer = await start();
  await fetch(server.url);
  const readyMs = performance.now() - startedMs;
  return { server, readyMs, cpuMs: cpuTimeMs(server.pid), readyMb: residentMb(server.pid) };
}
