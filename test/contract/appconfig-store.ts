import { createEmulator } from '@crossfade/appconfig-emulator';
import { createAppConfigSource } from '@crossfade/flags/appconfig';
import type { FlagJson, StoreUnderTest } from './store-under-test.ts';

const LOCATION = { application: 'orders', environment: 'prod', profile: 'crossfade' };

/** The emulator, spoken to with the AWS SDK. It breaks down by destroying every connection. */
export async function createAppConfigStore(): Promise<StoreUnderTest> {
  const emulator = createEmulator({ pollIntervalSeconds: 1 });
  const { url } = await emulator.listen();
  return {
    // The first pace only; from its first answer on, the emulator sets it to a second.
    open: (keepIn) =>
      createAppConfigSource({
        ...LOCATION,
        endpoint: url,
        pollIntervalMs: 100,
        ...(keepIn !== undefined && { keepIn }),
      }),
    publish: async (flags) => void emulator.seed({ ...LOCATION, content: toHostedContent(flags) }),
    publishGarbage: async () => emulator.faults.set({ kind: 'garbage', plane: 'data', times: 1 }),
    breakDown: async () => emulator.faults.set('down'),
    repair: async () => emulator.faults.clear(),
    close: () => emulator.close(),
  };
}

function toHostedContent(values: FlagJson): string {
  const flags = Object.entries(values).map(([name, { enabled: _, ...attributes }]) => {
    const definitions = Object.entries(attributes).map(([key, value]) => [
      key,
      { constraints: { type: typeof value } },
    ]);
    return [name, { name, attributes: Object.fromEntries(definitions) }];
  });
  return JSON.stringify({ version: '1', flags: Object.fromEntries(flags), values });
}
