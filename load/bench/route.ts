import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createBenchIssuer } from './bench-issuer.ts';
import { median } from './interleave.ts';
import { type KeepAliveLoad, openKeepAliveLoad } from './keep-alive-load.ts';
import { layOut } from './table.ts';

const [WARM_UP, TURNS, REQUESTS, CONNECTIONS, TOKENS] = [20, 40, 1500, 64, 16];
/** Two Node.js processes of the same program differ by several percent. */
const LAUNCHES = Number(process.env['CROSSFADE_BENCH_ROUNDS'] ?? 10);

/** A server of the route. */
export interface RouteVariant {
  readonly name: string;
  /** The arguments of `route-server` after the keys. */
  readonly settings: readonly string[];
}

interface Cost {
  readonly perSecond: number;
  readonly cpuUs: number;
}

interface Route {
  readonly server: ChildProcess;
  readonly load: KeepAliveLoad;
  readonly turns: Cost[];
}

/** The medians of one launch, and the medians of its shares of the baseline. */
interface Figures extends Cost {
  readonly throughputShare: number;
  readonly cpuShare: number;
}

/** Prints the plugin's cost for a Fastify route with cached tokens, next to the same route without it. */
export async function benchRoute(): Promise<void> {
  const open = { name: 'no authentication', settings: ['open'] };
  const guarded = { name: 'crossfade plugin, cached', settings: ['guarded'] };
  const byHand = { name: 'jose behind a Map', settings: ['jose'] };
  await compareRoutes('A Fastify route', [open, guarded, byHand]);
}

/**
 * Sends the same requests to all candidates, in short turns, and prints their cost as shares of the first. A second process
 * of the first candidate runs with them, and shares are of the mean of these two, turn by turn: a single process could be
 * an outlier. The distance of the two from 1 is the error of the run.
 */
export async function compareRoutes(
  title: string,
  candidates: readonly [RouteVariant, ...RouteVariant[]],
): Promise<void> {
  const issuer = await createBenchIssuer('RS256');
  const tokens = await Promise.all(Array.from({ length: TOKENS }, (_, n) => issuer.mint({ subject: `auth0|${n}` })));
  const requests = tokens.map((token) =>
    Buffer.from(`GET /orders HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${token}\r\n\r\n`),
  );
  const [first] = candidates;
  const variants = [...candidates, { ...first, name: `${first.name}, once more` }];
  const launches: (readonly Figures[])[] = [];
  for (let launch = 0; launch < LAUNCHES; launch += 1) {
    const routes: Route[] = [];
    for (const { settings } of variants) routes.push(await start(JSON.stringify(issuer.jwks), settings, requests));
    launches.push(await takeTurns(routes));
    for (const { server, load } of routes) {
      load.close();
      server.disconnect();
      await once(server, 'exit');
    }
  }
  print(title, variants, launches);
}

async function start(jwks: string, settings: readonly string[], requests: readonly Buffer[]): Promise<Route> {
  const server = fork(join(import.meta.dirname, 'route-server.js'), [jwks, ...settings]);
  const [{ url }] = await once(server, 'message');
  return { server, load: await openKeepAliveLoad(url, requests, CONNECTIONS), turns: [] };
}

async function takeTurns(routes: readonly Route[]): Promise<readonly Figures[]> {
  for (let turn = 0; turn < WARM_UP + TURNS; turn += 1) {
    for (const route of turn % 2 === 0 ? routes : routes.toReversed()) {
      const cost = await loadOnce(route);
      if (turn >= WARM_UP) route.turns.push(cost);
    }
  }
  const [first, again] = [routes.at(0)?.turns ?? [], routes.at(-1)?.turns ?? []];
  const baseline = (n: number, figure: keyof Cost) => mean(first[n]?.[figure], again[n]?.[figure]);
  return routes.map(({ turns }) => ({
    perSecond: median(turns.map(({ perSecond }) => perSecond)),
    cpuUs: median(turns.map(({ cpuUs }) => cpuUs)),
    throughputShare: median(turns.map(({ perSecond }, n) => perSecond / baseline(n, 'perSecond'))),
    cpuShare: median(turns.map(({ cpuUs }, n) => baseline(n, 'cpuUs') / cpuUs)),
  }));
}

function mean(one = Number.NaN, other = Number.NaN): number {
  return (one + other) / 2;
}

async function loadOnce({ server, load }: Route): Promise<Cost> {
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

function print(title: string, variants: readonly RouteVariant[], launches: readonly (readonly Figures[])[]): void {
  const rows = variants.map(({ name }, index) => {
    const over = (figure: keyof Figures) => launches.map((launch) => launch[index]?.[figure] ?? Number.NaN);
    return [
      name,
      median(over('perSecond')).toFixed(0),
      shareOf(over('throughputShare')),
      median(over('cpuUs')).toFixed(1),
      shareOf(over('cpuShare')),
    ];
  });
  const head = ['', 'requests/s', 'share (middle half)', 'CPU us/request', 'share (middle half)'];
  process.stdout.write(
    `\n${title}, ${CONNECTIONS} connections: the same requests to all in ${TURNS} turns of ${REQUESTS}, ` +
      `${LAUNCHES} launches, median share of the mean of the first and the last\n${layOut([head, ...rows])}`,
  );
}

/** Formats the median and the bounds of the middle half. */
function shareOf(values: readonly number[]): string {
  const sorted = values.toSorted((one, other) => one - other);
  const at = (part: number) => (sorted[Math.round((sorted.length - 1) * part)] ?? Number.NaN).toFixed(3);
  return `${median(values).toFixed(3)} (${at(0.25)}-${at(0.75)})`;
}
