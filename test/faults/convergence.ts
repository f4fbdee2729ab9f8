import { setTimeout as delay } from 'node:timers/promises';
import { createEmulator } from '@crossfade/appconfig-emulator';
import { createAppConfigSource } from '@crossfade/flags/appconfig';
import { createAppConfigWriter } from '@crossfade/flags/appconfig-writer';
import type { PolledFlagSource } from '@crossfade/flags/file';
import { toHostedContent } from '../contract/hosted-content.ts';

const LOCATION = { application: 'orders', environment: 'prod', profile: 'crossfade' };
const FLAGS = { 'issue-target': { enabled: true, percent: 50, revision: '7' } };
/** The least that AWS grants: below it the emulator must say so by itself. */
const LEAST_SECONDS = 15;

/** How a rollback reached each process. Times in ms, from the moment the rollback was asked for. */
export interface Convergence {
  /** Stored, deployed and read back. */
  readonly acceptedMs: number;
  /** When each source showed it. */
  readonly shownMs: readonly number[];
  /** How many looks of each source ended after the rollback was accepted, until it showed. */
  readonly looks: readonly number[];
}

/** Rolls back with the real writer while so many real sources poll, each at a phase of its own. */
export async function rollBackUnder(count: number, intervalSeconds: number): Promise<Convergence> {
  const told = intervalSeconds < LEAST_SECONDS ? { pollIntervalSeconds: intervalSeconds } : {};
  const emulator = createEmulator(told);
  const { url: endpoint } = await emulator.listen();
  const sources: PolledFlagSource[] = [];

  async function join(): Promise<PolledFlagSource> {
    await delay(Math.random() * intervalSeconds * 1000);
    const source = createAppConfigSource({ ...LOCATION, endpoint, pollIntervalMs: intervalSeconds * 1000 });
    sources.push(source);
    await source.firstPoll;
    return source;
  }

  try {
    emulator.seed({ ...LOCATION, content: toHostedContent(FLAGS) });
    const fleet = await Promise.all(Array.from({ length: count }, join));
    const writer = createAppConfigWriter({ ...LOCATION, endpoint });
    const basis = await writer.read();
    const askedMs = performance.now();
    const arrivals = fleet.map((source) => arrivalAt(source, askedMs));
    await writer.write({ issuance: { percent: 0 } }, basis, 'emergency');
    const acceptedMs = performance.now() - askedMs;
    const before = fleet.map(looksOf);
    const arrived = await Promise.all(arrivals);
    return {
      acceptedMs,
      shownMs: arrived.map(({ shownMs }) => shownMs),
      looks: arrived.map(({ looks }, index) => looks - (before[index] ?? 0)),
    };
  } finally {
    for (const source of sources) source.close();
    await emulator.close();
  }
}

function arrivalAt(
  source: PolledFlagSource,
  askedMs: number,
): Promise<{ readonly shownMs: number; readonly looks: number }> {
  return new Promise((resolve) => {
    source.subscribe(({ document }) => {
      if (!document.issuance.enabled) resolve({ shownMs: performance.now() - askedMs, looks: looksOf(source) });
    });
  });
}

function looksOf(source: PolledFlagSource): number {
  return Object.values(source.refreshes()).reduce((sum, looks) => sum + looks, 0);
}
