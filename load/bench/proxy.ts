import { type BenchProcesses, type BenchServer, type SidecarProgram, startBenchProcesses } from './bench-processes.ts';
import { type Contender, contend } from './contend.ts';
import { median } from './interleave.ts';
import { layOut } from './table.ts';
import { createWrk, isInstalled, type WrkFigures, type WrkRun } from './wrk.ts';

const NODE_PROXIES = ['@fastify/reply-from', '@fastify/http-proxy', 'http-proxy'] as const;
/** Of deploy/container/Dockerfile. */
const IMAGE_OPTIONS = '--max-semi-space-size=4 --v8-pool-size=1';
/** A built clone of this repository, at another commit, whose sidecar takes part; absent: none does. */
const BASELINE = process.env['CROSSFADE_BENCH_BASELINE'];
/** Far below the capacity of each proxy, so that latency is the time of a request and not of a queue. */
const [QUIET_CONNECTIONS, QUIET_ROUNDS] = [2, 5];

/** Prints the cost of passing through the sidecar, next to nginx and to other Node.js proxies. */
export async function benchProxy(): Promise<void> {
  if (!isInstalled('wrk') || !isInstalled('nginx')) {
    process.stdout.write(
      '\nproxy: skipped, because wrk or nginx is not installed (.ci/install-real-parts installs them)\n',
    );
    return;
  }
  const processes = await startBenchProcesses();
  try {
    const { tokens, folder } = processes;
    const load = createWrk(folder, tokens);
    const api = await apiInFront(processes);
    const launch = () => proxiesInFront(processes, api, NODE_PROXIES);
    const contenders = await contend({
      title: 'Reverse proxies in front of an API (nginx); crossfade judges and counts each request',
      load,
      launch,
    });
    await printAddedLatency([{ name: 'the API itself', url: api.url, pids: [] }, ...contenders], load);
  } finally {
    await processes.end();
  }
}

/** Starts the API that the proxies are in front of. */
export function apiInFront({ nginx }: BenchProcesses): Promise<BenchServer> {
  return nginx({ server: `location / { default_type application/json; return 200 '{"orders":[]}'; }` });
}

/** A proxy that can be started, more than once. */
export interface StartProxy {
  readonly name: string;
  start(): Promise<BenchServer>;
}

/** nginx, the sidecar in both modes, and Node.js proxies, each in front of an API. */
export function startersInFront(
  { nginx, front, sidecar }: BenchProcesses,
  api: BenchServer,
  nodeProxies: readonly string[],
): readonly StartProxy[] {
  const plain = {
    http: `upstream api { server ${new URL(api.url).host}; keepalive 64; }`,
    server: 'location / { proxy_pass http://api; proxy_http_version 1.1; proxy_set_header Connection ""; }',
  };
  const ofProgram = (name: string, judge: string, program?: SidecarProgram) => ({
    name: `${name}, ${judge}`,
    start: () => sidecar({ mode: 'proxy', judge, upstream: api.url }, program),
  });
  const ofClone = (name: string, clone?: string) => [
    ofProgram(name, 'observe', { clone }),
    ofProgram(name, 'enforce', { clone }),
  ];
  return [
    { name: 'nginx proxy_pass', start: () => nginx(plain) },
    ...ofClone('crossfade'),
    ofProgram('as in the image', 'observe', { nodeOptions: IMAGE_OPTIONS }),
    ...(BASELINE === undefined ? [] : ofClone('baseline', BASELINE)),
    ...nodeProxies.map((name) => ({ name, start: () => front(name, api.url) })),
  ];
}

/** Starts all of {@link startersInFront}. */
export async function proxiesInFront(...parts: Parameters<typeof startersInFront>): Promise<readonly Contender[]> {
  const contenders: Contender[] = [];
  for (const { name, start } of startersInFront(...parts)) {
    const { url, pid } = await start();
    contenders.push({ name, url, pids: [pid] });
  }
  return contenders;
}

async function printAddedLatency(
  contenders: readonly Contender[],
  load: (run: WrkRun) => Promise<WrkFigures>,
): Promise<void> {
  const seen = contenders.map((): WrkFigures[] => []);
  for (let round = 0; round < QUIET_ROUNDS; round += 1) {
    for (const [index, { url }] of contenders.entries()) {
      seen[index]?.push(await load({ url, connections: QUIET_CONNECTIONS, seconds: 1 }));
    }
  }
  const middle = (index: number, of: (figures: WrkFigures) => number) => median((seen[index] ?? []).map(of));
  const rows = contenders.map(({ name }, index) => {
    const [p50Us, p99Us] = [middle(index, (figures) => figures.p50Us), middle(index, (figures) => figures.p99Us)];
    const [p50AloneUs, p99AloneUs] = [middle(0, (figures) => figures.p50Us), middle(0, (figures) => figures.p99Us)];
    return [name, ...[p50Us, p50Us - p50AloneUs, p99Us, p99Us - p99AloneUs].map((us) => us.toFixed(0))];
  });
  const head = ['', 'p50 us', 'added', 'p99 us', 'added'];
  process.stdout.write(`\nLatency, ${QUIET_CONNECTIONS} connections\n${layOut([head, ...rows])}`);
}
