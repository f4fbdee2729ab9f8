import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import autocannon from 'autocannon';
import { createBenchIssuer } from './bench-issuer.ts';
import { median } from './interleave.ts';
import { layOut } from './table.ts';

const [WARM_UP, ROUNDS, SECONDS, CONNECTIONS, TOKENS] = [3, 15, 1, 64, 16];
const NAMES = ['no authentication', 'crossfade plugin, cached'] as const;

interface Route {
  readonly server: ChildProcess;
  readonly url: string;
  readonly rounds: { perSecond: number; cpuUs: number }[];
}

/** Prints what the plugin costs a Fastify route whose tokens it knows, next to the same route without it. */
export async function benchRoute(): Promise<void> {
  const issuer = await createBenchIssuer('RS256');
  const tokens = await Promise.all(Array.from({ length: TOKENS }, (_, n) => issuer.mint({ subject: `auth0|${n}` })));
  const routes = await Promise.all(['open', 'guarded'].map((kind) => start(JSON.stringify(issuer.jwks), kind)));
  for (let round = 0; round < WARM_UP + ROUNDS; round += 1) {
    for (const route of round % 2 === 0 ? routes : routes.toReversed()) {
      const load = await loadOnce(route, tokens);
      if (round >= WARM_UP) route.rounds.push(load);
    }
  }
  for (const { server } of routes) server.disconnect();
  const [open, guarded] = routes;
  if (open !== undefined && guarded !== undefined) print(open, guarded);
}

async function start(jwks: string, kind: string): Promise<Route> {
  const server = fork(join(import.meta.dirname, 'route-server.js'), [jwks, kind]);
  const [{ url }] = await once(server, 'message');
  return { server, url, rounds: [] };
}

async function loadOnce({ server, url }: Route, tokens: readonly string[]): Promise<Route['rounds'][number]> {
  const before = await cpuUs(server);
  const result = await autocannon({
    url: `${url}/orders`,
    connections: CONNECTIONS,
    duration: SECONDS,
    requests: tokens.map((token) => ({ headers: { authorization: `Bearer ${token}` } })),
  });
  const answered = result['2xx'];
  if (answered === 0 || result.non2xx > 0 || result.errors > 0) throw new Error('a request of the benchmark failed');
  return { perSecond: answered / result.duration, cpuUs: ((await cpuUs(server)) - before) / answered };
}

async function cpuUs(server: ChildProcess): Promise<number> {
  server.send('cpu');
  const [{ cpuUs: usage }] = await once(server, 'message');
  return usage.user + usage.system;
}

function print(open: Route, guarded: Route): void {
  const rows = [open, guarded].map(({ rounds }, index) => [
    NAMES[index] ?? '',
    median(rounds.map(({ perSecond }) => perSecond)).toFixed(0),
    median(rounds.map((round, n) => round.perSecond / (open.rounds[n]?.perSecond ?? Number.NaN))).toFixed(3),
    median(rounds.map((round) => round.cpuUs)).toFixed(1),
    median(rounds.map((round, n) => (open.rounds[n]?.cpuUs ?? Number.NaN) / round.cpuUs)).toFixed(3),
  ]);
  const head = ['', 'requests/s', 'share', 'CPU us/request', 'share'];
  process.stdout.write(
    `\nA Fastify route, ${CONNECTIONS} connections, the same requests to both, share of the open one\n${layOut([head, ...rows])}`,
  );
}
