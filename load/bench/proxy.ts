import { startBenchProcesses } from './bench-processes.ts';
import { type Contender, contend } from './contend.ts';
import { median } from './interleave.ts';
import { layOut } from './table.ts';
import { createWrk, isInstalled, type WrkFigures, type WrkRun } from './wrk.ts';

const NODE_PROXIES = ['@fastify/reply-from', '@fastify/http-proxy', 'http-proxy'] as const;
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
    const { nginx, front, sidecar, tokens, folder } = processes;
    const load = createWrk(folder, tokens);
    const api = await nginx({ server: `location / { default_type application/json; return 200 '{"orders":[]}'; }` });
    const launch = async (): Promise<readonly Contender[]> => {
      const plain = await nginx({
        http: `upstream api { server ${new URL(api.url).host}; keepalive 64; }`,
        server: 'location / { proxy_pass http://api; proxy_http_version 1.1; proxy_set_header Connection ""; }',
      });
      const observing = await sidecar({ mode: 'proxy', judge: 'observe', upstream: api.url });
      const enforcing = await sidecar({ mode: 'proxy', judge: 'enforce', upstream: api.url });
      const contenders: Contender[] = [
        { name: 'nginx proxy_pass', url: plain.url, pids: [plain.pid] },
        { name: 'crossfade, observe', url: observing.url, pids: [observing.pid] },
        { name: 'crossfade, enforce', url: enforcing.url, pids: [enforcing.pid] },
      ];
      for (const name of NODE_PROXIES) {
        const { url, pid } = await front(name, api.url);
        contenders.push({ name, url, pids: [pid] });
      }
      return contenders;
    };
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
