import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createBenchIssuer } from './bench-issuer.ts';
import { median } from './interleave.ts';
import { type KeepAliveLoad, openKeepAliveLoad } from './keep-alive-load.ts';
import { layOut } from './table.ts';

const [WARM_UP, ROUNDS, REQUESTS, CONNECTIONS, TOKENS] = [20, 200, 1500, 64, 16];

/** One of two servers of the same route. */
export interface RouteVariant {
  readonly name: string;
  /** What `route-server` is told behind the keys. */
  readonly settings: readonly string[];
}

interface Route extends RouteVariant {
  readonly server: ChildProcess;
  readonly load: KeepAliveLoad;
  readonly rounds: { perSecond: number; cpuUs: number }[];
}

/** Prints what the plugin costs a Fastify route whose tokens it knows, next to the same route without it. */
export async function benchRoute(): Promise<void> {
  const open = { name: 'no authentication', settings: ['open'] };
  await compareRoutes('A Fastify route', open, { name: 'crossfade plugin, cached', settings: ['guarded'] });
}

/** Sends the same requests to both, in short turns, and prints what the second costs as shares of the first. */
export async function compareRoutes(title: string, first: RouteVariant, second: RouteVariant): Promise<void> {
  const issuer = await createBenchIssuer('RS256');
  const tokens = await Promise.all(Array.from({ length: TOKENS }, (_, n) => issuer.mint({ subject: `auth0|${n}` })));
  const requests = tokens.map((token) =>
    Buffer.from(`GET /orders HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${token}\r\n\r\n`),
  );
  const jwks = JSON.stringify(issuer.jwks);
  const baseline = await start(jwks, first, requests);
  const routes = [baseline, await start(jwks, second, requests)];
  for (let round = 0; round < WARM_UP + ROUNDS; round += 1) {
    for (const route of round % 2 === 0 ? routes : routes.toReversed()) {
      const cost = await loadOnce(route);
      if (round >= WARM_UP) route.rounds.push(cost);
    }
  }
  for (const { server, load } of routes) {
    load.close();
    server.disconnect();
  }
  print(title, baseline, routes);
}

async function start(jwks: string, variant: RouteVariant, requests: readonly Buffer[]): Promise<Route> {
  const server = fork(join(import.meta.dirname, 'route-server.js'), [jwks, ...variant.settings]);
  const [{ url }] = await once(server, 'message');
  return { ...variant, server, load: await openKeepAliveLoad(url, requests, CONNECTIONS), rounds: [] };
}

async function loadOnce({ server, load }: Route): Promise<Route['rounds'][number]> {
  const before = await cpuUs(server);
  const startedMs = performance.now();
  await load.send(REQUESTS);
  const seconds = (performance.now() - startedMs) / 1000;
  return { perSecond: REQUESTS / seconds, cpuUs: ((await cpuUs(server)) - before) / REQUESTS };
}

async function cpuUs(server: ChildProcess): Promise<number> {
  server.send('cpu');
  const [{ cpuUs: usage }] = await once(server, 'message');
  return usage.user + usage.system;
}

function print(title: string, baseline: Route, routes: readonly Route[]): void {
  const rows = routes.map(({ name, rounds }) => [
    name,
    median(rounds.map(({ perSecond }) => perSecond)).toFixed(0),
    median(rounds.map((round, n) => round.perSecond / (baseline.rounds[n]?.perSecond ?? Number.NaN))).toFixed(3),
    median(rounds.map((round) => round.cpuUs)).toFixed(1),
    median(rounds.map((round, n) => (baseline.rounds[n]?.cpuUs ?? Number.NaN) / round.cpuUs)).toFixed(3),
  ]);
  const head = ['', 'requests/s', 'share', 'CPU us/request', 'share'];
  process.stdout.write(
    `\n${title}, ${CONNECTIONS} connections, the same requests to both in ${ROUNDS} turns of ${REQUESTS}, median share of the first one\n${layOut([head, ...rows])}`,
  );
}
