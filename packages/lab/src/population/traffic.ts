import { setMaxListeners } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import type { Ledger, RequestOutcome } from '../ledger/ledger.ts';
import type { Random } from './random.ts';

/** One client of the API. It sends one request at a time. */
export interface Client {
  /** Sends one request with a token that the client believes valid, and returns its outcome. */
  request(): Promise<RequestOutcome>;
  close(): Promise<void>;
}

export interface TrafficOptions {
  readonly clients: readonly Client[];
  readonly ledger: Ledger;
  readonly random: Random;
  /** For the whole population. */
  readonly requestsPerSecond: number;
}

export interface Traffic {
  /** Waits for the requests in flight, and starts no more. */
  stop(): Promise<void>;
}

/** Starts every client; each sends requests at its own irregular pace. */
export function startTraffic({ clients, ledger, random, requestsPerSecond }: TrafficOptions): Traffic {
  const ending = new AbortController();
  // Each pausing client adds a listener.
  setMaxListeners(0, ending.signal);
  const meanPauseMs = (clients.length / requestsPerSecond) * 1000;

  const run = async (client: Client, pace: Random): Promise<void> => {
    await pause(pace.next() * meanPauseMs, ending.signal);
    while (!ending.signal.aborted) {
      const startedAtMs = performance.now();
      ledger.record(await client.request());
      const pauseMs = meanPauseMs * (0.5 + pace.next());
      await pause(startedAtMs + pauseMs - performance.now(), ending.signal);
    }
    await client.close();
  };

  const runs = clients.map((client, index) => run(client, random.fork(`pace ${index}`)));
  return {
    async stop() {
      ending.abort();
      await Promise.all(runs);
    },
  };
}

async function pause(durationMs: number, signal: AbortSignal): Promise<void> {
  try {
    await delay(Math.max(0, durationMs), undefined, { signal });
  } catch {
    // Only `stop` aborts a pause.
  }
}
