import { createEmulator } from '@crossfade/appconfig-emulator';
import { createAppConfigSource } from '@crossfade/flags/appconfig';
import { toHostedContent } from '../contract/hosted-content.ts';
import { startFaultyServer } from './faulty-server.ts';
import type { FaultyStore } from './faulty-store.ts';

const LOCATION = { application: 'orders', environment: 'prod', profile: 'crossfade' };
const FORWARDED_HEADERS = /^(next-poll-|version-label$|content-type$|x-amzn-)/;

/** Starts the emulator behind a proxy that spoils its responses to the AWS SDK. */
export async function createFaultyAppConfig(now: () => number): Promise<FaultyStore> {
  const emulator = createEmulator({ pollIntervalSeconds: 1 });
  const { url: upstream } = await emulator.listen();
  const server = await startFaultyServer(async ({ url, method = 'GET', headers: { authorization = '' } }, body) => {
    const headers = { 'content-type': 'application/json', authorization };
    const response = await fetch(`${upstream}${url}`, { method, headers, ...(body.length > 0 && { body }) });
    return {
      status: response.status,
      headers: Object.fromEntries([...response.headers].filter(([name]) => FORWARDED_HEADERS.test(name))),
      body: Buffer.from(await response.arrayBuffer()),
    };
  });
  return {
    open: (cacheDirectory) =>
      createAppConfigSource({
        ...LOCATION,
        endpoint: server.url,
        pollIntervalMs: 1000,
        timeoutMs: 2000,
        cacheDirectory,
        now,
      }),
    publish: async (flags) => void emulator.seed({ ...LOCATION, content: toHostedContent(flags) }),
    inflict: async (fault) => server.inflict(fault),
    repair: async () => server.repair(),
    advance: (durationMs) => emulator.clock.advance(durationMs),
    async close() {
      await server.close();
      await emulator.close();
    },
  };
}
