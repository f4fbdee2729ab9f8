import { createAgentSource } from '@crossfade/flags/agent';
import { type FixedResponse, startFaultyServer } from './faulty-server.ts';
import type { FaultyStore } from './faulty-store.ts';

const LOCATION = { application: 'orders', environment: 'prod', profile: 'crossfade' };

/** Starts a faulty server like the AppConfig Agent. */
export async function createFaultyAgent(now: () => number): Promise<FaultyStore> {
  let flags: FixedResponse = { status: 404, headers: {}, body: '' };
  const server = await startFaultyServer(() => flags);
  return {
    open: (cacheDirectory) =>
      createAgentSource({ ...LOCATION, url: server.url, pollIntervalMs: 100, timeoutMs: 1000, cacheDirectory, now }),
    publish: async (changed) => {
      const headers = { 'content-type': 'application/json', 'configuration-version': '1' };
      flags = { status: 200, headers, body: JSON.stringify(changed) };
    },
    inflict: async (fault) => server.inflict(fault),
    repair: async () => server.repair(),
    advance() {},
    close: server.close,
  };
}
