import { createEmulator } from '@crossfade/appconfig-emulator';
import { createAppConfigSource } from '@crossfade/flags/appconfig';
import { toHostedContent } from './hosted-content.ts';
import type { StoreUnderTest } from './store-under-test.ts';

const LOCATION = { application: 'orders', environment: 'prod', profile: 'crossfade' };

/** Starts the emulator for the AWS SDK. It breaks down by destroying every connection. */
export async function createAppConfigStore(): Promise<StoreUnderTest> {
  const emulator = createEmulator({ pollIntervalSeconds: 1 });
  const { url } = await emulator.listen();
  return {
    // The first interval only; with its first response the emulator sets it to a second.
    open: (cacheDirectory) =>
      createAppConfigSource({
        ...LOCATION,
        endpoint: url,
        pollIntervalMs: 100,
        ...(cacheDirectory !== undefined && { cacheDirectory }),
      }),
    publish: async (flags) => void emulator.seed({ ...LOCATION, content: toHostedContent(flags) }),
    publishGarbage: async () => emulator.faults.set({ kind: 'garbage', plane: 'data', times: 1 }),
    breakDown: async () => emulator.faults.set('down'),
    repair: async () => emulator.faults.clear(),
    close: () => emulator.close(),
  };
}
