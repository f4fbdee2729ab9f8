import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type BenchProcesses, freePort, startBenchProcesses } from '../bench-processes.ts';
import { apiInFront } from '../proxy.ts';
import { startFleetExporter } from './fleet-exporter.ts';
import { type QueryCounter, startQueryCounter } from './query-counter.ts';
import { type ScalePrometheus, startScalePrometheus, writeConfiguration } from './scale-prometheus.ts';

const NAMES = { migration: 'bench', service: 'bench' };

/** So many instances, their Prometheus, and the plan that knows both. */
export interface ScaleFleet {
  readonly size: number;
  readonly plan: string;
  readonly counter: QueryCounter;
  readonly prometheus: ScalePrometheus;
  stop(): Promise<void>;
}

/**
 * Starts a fleet whose instances see target tokens, and hold flags of 100 % since a moment.
 * @param fill writes the past of its Prometheus, before that starts.
 */
export async function startScaleFleet(
  size: number,
  issuedSinceMs: number,
  fill: (data: string) => void,
): Promise<ScaleFleet> {
  const processes = await startBenchProcesses();
  const port = await freePort();
  const counter = await startQueryCounter(`http://127.0.0.1:${port}`);
  const sidecar = await startSidecar(processes, counter.url);
  writeFlags(sidecar.flags, issuedSinceMs);
  const exporter = await startFleetExporter(sidecar.adminUrl, size);
  const folder = join(processes.folder, 'prometheus');
  writeConfiguration(folder, size, exporter, NAMES);
  fill(join(folder, 'data'));
  const prometheus = await startScalePrometheus(folder, port);
  const ending = new AbortController();
  void sendTargetTokens(processes, sidecar.url, ending.signal);
  return {
    size,
    plan: sidecar.plan,
    counter,
    prometheus,
    async stop() {
      ending.abort();
      await prometheus.stop();
      exporter.stop();
      counter.stop();
      await processes.end();
    },
  };
}

async function startSidecar(processes: BenchProcesses, prometheus: string) {
  const api = await apiInFront(processes);
  const admin = `127.0.0.1:${await freePort()}`;
  const gate = { silence: '24h', coverage: 0.99, blind: '15m', prometheus };
  const { url, plan } = await processes.sidecar(
    { mode: 'proxy', judge: 'observe', upstream: api.url, admin },
    { plan: { gate } },
  );
  const { flags } = JSON.parse(readFileSync(plan, 'utf8')) as { flags: { path: string } };
  return { url, plan, adminUrl: `http://${admin}`, flags: flags.path };
}

function writeFlags(path: string, sinceMs: number): void {
  const since = new Date(sinceMs).toISOString();
  const flags = {
    'issue-target': { enabled: true, percent: 100, revision: '7', since },
    'accept-legacy': { enabled: true },
  };
  writeFileSync(path, JSON.stringify(flags));
}

/** Keeps the fleet seeing target tokens. */
async function sendTargetTokens({ tokens }: BenchProcesses, url: string, signal: AbortSignal): Promise<void> {
  // Every other token of the benchmark is for the target audience.
  const authorization = `Bearer ${tokens[1]}`;
  while (!signal.aborted) {
    await fetch(url, { headers: { authorization }, signal }).then(
      (response) => response.text(),
      () => undefined,
    );
    await delay(5000, undefined, { signal }).catch(() => undefined);
  }
}
