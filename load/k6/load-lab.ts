import { availableParallelism, loadavg } from 'node:os';
import { join } from 'node:path';
import { type Lab, startLab } from '@crossfade/lab';
import { SCENARIOS, type ScenarioDefinition } from './catalogue.ts';
import { watchMemory } from './lab/memory-watch.ts';
import { advanceTo } from './lab/moves.ts';
import { type Operator, startOperator } from './lab/operator.ts';
import { type OrdersProcesses, startOrdersProcesses } from './lab/orders-processes.ts';
import type { LoadOptions } from './load-options.ts';
import { K6_FILES, type K6Run, runK6 } from './run-k6.ts';
import { digest, type LoadSummary } from './summary/digest.ts';

/** What the lab did while k6 ran, and the machine it ran on. */
export type Surroundings = Pick<LoadSummary, 'moves' | 'slowClients' | 'memory' | 'machine'>;

export interface LoadResult {
  readonly k6: K6Run;
  /** Absent when k6 did not get as far as a summary. */
  readonly summary?: LoadSummary;
}

const WARM_UP_ROUNDS = 50;

/**
 * Starts a lab, runs a scenario of k6 against its sidecars, and closes the lab.
 * @param onReady called when the lab is up, before the load begins.
 */
export async function loadLab(options: LoadOptions, onReady: () => void): Promise<LoadResult> {
  const definition: ScenarioDefinition = SCENARIOS[options.scenario];
  // k6 brings the requests: the lab's own clients would blur the counts.
  const lab = await startLab({ seed: 1, clients: 0, fast: true, timing: definition.timing });
  const parts: { stop(): Promise<void> }[] = [];
  try {
    await lab.orders.close();
    const release = options.broken ? 'legacy-only' : 'both';
    const orders = await startOrdersProcesses(lab.planPath, release, lab.instanceUrls);
    parts.push(orders);
    const operator = await startOperator(lab);
    parts.push({ stop: operator.close });
    await warmUp(lab);
    if (definition.startsAtPercent !== undefined) await startAt(lab, definition.startsAtPercent);
    onReady();
    return await runScenario(options, { lab, orders, operator });
  } finally {
    for (const part of parts) await part.stop();
    await lab.close();
  }
}

/** Runs what is slow the first time: compilers, keys, connections. */
async function warmUp({ probe, sidecars }: Lab): Promise<void> {
  for (let round = 0; round < WARM_UP_ROUNDS; round += 1) {
    const requests = sidecars.flatMap(({ dataUrl }) => [
      probe.request(dataUrl, 'legacy'),
      probe.request(dataUrl, 'target'),
    ]);
    await Promise.all(requests);
  }
}

async function startAt(lab: Lab, percent: number): Promise<void> {
  const { succeeded, output } = await advanceTo(lab, percent);
  if (!succeeded) throw new Error(`crossfade advance --to ${percent} must succeed before the load starts:\n${output}`);
}

interface Parts {
  readonly lab: Lab;
  readonly orders: OrdersProcesses;
  readonly operator: Operator;
}

async function runScenario(options: LoadOptions, { lab, orders, operator }: Parts): Promise<LoadResult> {
  const definition: ScenarioDefinition = SCENARIOS[options.scenario];
  const loadBefore = loadavg()[0] ?? 0;
  const watched = [
    ...lab.sidecars.map(({ pid }, index) => ({ name: `sidecar_${index + 1}`, pid })),
    ...orders.pids.map((pid, index) => ({ name: `api_${index + 1}`, pid: () => pid })),
  ];
  const memoryPath = join(options.out, 'memory.csv');
  const watch = definition.watchesMemory && watchMemory(watched, options.seconds, memoryPath);
  const k6 = await runK6(options, environmentOf(lab, operator.url, options));
  const slowClients = operator.slowClients();
  const surroundings: Surroundings = {
    moves: operator.moves,
    machine: {
      cores: availableParallelism(),
      node: process.versions.node,
      loadAverage: [loadBefore, loadavg()[0] ?? 0],
    },
    ...(slowClients !== undefined && { slowClients }),
    ...(watch && { memory: watch.end() }),
  };
  return { k6, ...(k6.counted !== undefined && { summary: digest(options, k6.counted, surroundings) }) };
}

function environmentOf(lab: Lab, operatorUrl: string, options: LoadOptions): Record<string, string> {
  const requested = ({ scope, resource }: Lab['plan']['legacy']) => ({
    scope,
    ...(resource !== undefined && { resource }),
  });
  return {
    SECONDS: String(options.seconds),
    RATE: String(options.rate),
    P99_MS: String(options.p99Ms),
    SUMMARY_PATH: join(options.out, K6_FILES.counted),
    APIS: lab.sidecars.map(({ dataUrl }) => dataUrl).join(','),
    OPERATOR: operatorUrl,
    TOKEN_ENDPOINT: lab.probe.tokenEndpoint,
    CLIENT_ID: lab.probe.clientId,
    CLIENT_SECRET: lab.probe.clientSecret,
    REQUESTED: JSON.stringify({
      legacy: requested(lab.plan.legacy),
      target: requested(lab.plan.target),
      other: { resource: lab.otherResource },
    }),
  };
}
