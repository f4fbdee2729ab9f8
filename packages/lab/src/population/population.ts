import { setMaxListeners } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import type { Ledger } from '../ledger/ledger.ts';
import type { Random } from '../ledger/random.ts';
import type { Client } from './client.ts';

export interface PopulationOptions {
  readonly clients: readonly Client[];
  readonly ledger: Ledger;
  readonly random: Random;
  /** Of the whole population. */
  readonly requestsPerSecond: number;
}

export interface Population {
  /** Lets everyone finish what is under way. */
  stop(): Promise<void>;
}

/** Lets every client make requests at its own irregular pace, beginning at once. */
export function startPopulation({ clients, ledger, random, requestsPerSecond }: PopulationOptions): Population {
  const ending = new AbortController();
  // Every client that pauses listens to it.
  setMaxListeners(0, ending.signal);
  const meanPauseMs = (clients.length / requestsPerSecond) * 1000;

  const live = async (client: Client, pace: Random): Promise<void> => {
    await pause(pace.next() * meanPauseMs, ending.signal);
    while (!ending.signal.aborted) {
      const startedAtMs = performance.now();
      ledger.record(await client.request());
      const pauseMs = meanPauseMs * (0.5 + pace.next());
      await pause(startedAtMs + pauseMs - performance.now(), ending.signal);
    }
    await client.close();
  };

  const lives = clients.map((client, index) => live(client, random.fork(`pace ${index}`)));
  return {
    async stop() {
      ending.abort();
      await Promise.all(lives);
    },
  };
}

async function pause(durationMs: number, signal: AbortSignal): Promise<void> {
  try {
    await delay(Math.max(0, durationMs), undefined, { signal });
  } catch {
    // Only the end of the population cuts a pause short.
  }
}
