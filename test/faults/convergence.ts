import { setTimeout as delay } from 'node:timers/promises';
import { createEmulator } from '@crossfade/appconfig-emulator';
import { createAppConfigSource } from '@crossfade/flags/appconfig';
import { createAppConfigWriter } from '@crossfade/flags/appconfig-writer';
import type { PolledFlagSource } from '@crossfade/flags/file';
import { toHostedContent } from '../contract/hosted-content.ts';

const LOCATION = { application: 'orders', environment: 'prod', profile: 'crossfade' };
const FLAGS = { 'issue-target': { enabled: true, percent: 50, revision: '7' } };
/** The shortest interval that AWS grants: the emulator must be told to grant less. */
const MIN_SECONDS = 15;

/** How a rollback reached each process. Times in ms since the rollback was requested. */
export interface Convergence {
  /** Stored, deployed and read back. */
  readonly acceptedMs: number;
  /** When each source showed the rollback. */
  readonly shownMs: readonly number[];
  /** How many polls of each source ended between the acceptance and the moment it showed. */
  readonly polls: readonly number[];
}

/** Rolls back with the real writer while `count` real sources poll at independent phases. */
export async function rollBackUnder(count: number, intervalSeconds: number): Promise<Convergence> {
  const emulatorOptions = intervalSeconds < MIN_SECONDS ? { pollIntervalSeconds: intervalSeconds } : {};
  const emulator = createEmulator(emulatorOptions);
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
    const stored = await writer.read();
    const requestedMs = performance.now();
    const arrivals = fleet.map((source) => arrivalAt(source, requestedMs));
    await writer.write({ issuance: { percent: 0 } }, stored, 'emergency');
    const acceptedMs = performance.now() - requestedMs;
    const before = fleet.map(pollsOf);
    const arrived = await Promise.all(arrivals);
    return {
      acceptedMs,
      shownMs: arrived.map(({ shownMs }) => shownMs),
      polls: arrived.map(({ polls }, index) => polls - (before[index] ?? 0)),
    };
  } finally {
    for (const source of sources) source.close();
    await emulator.close();
  }
}

function arrivalAt(
  source: PolledFlagSource,
  requestedMs: number,
): Promise<{ readonly shownMs: number; readonly polls: number }> {
  return new Promise((resolve) => {
    source.subscribe(({ document }) => {
      if (!document.issuance.enabled) resolve({ shownMs: performance.now() - requestedMs, polls: pollsOf(source) });
    });
  });
}

function pollsOf(source: PolledFlagSource): number {
  return Object.values(source.refreshes()).reduce((sum, polls) => sum + polls, 0);
}
