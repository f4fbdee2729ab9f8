import { createOpenFeatureSource } from '@crossfade/flags/openfeature-source';
import {
  ErrorCode,
  GeneralError,
  type JsonValue,
  OpenFeature,
  OpenFeatureEventEmitter,
  type Provider,
  ProviderEvents,
  type ResolutionDetails,
} from '@openfeature/server-sdk';
import type { FlagJson, StoreUnderTest } from './store-under-test.ts';

/** Creates a provider of object flags under the official SDK. It breaks down by failing every evaluation, without an event. */
export async function createOpenFeatureStore(): Promise<StoreUnderTest> {
  const domain = crypto.randomUUID();
  const events = new OpenFeatureEventEmitter();
  let flags: Readonly<Record<string, object>> = {};
  let isDown = false;

  async function resolve<T>(name: string, value: T, isObject: boolean): Promise<ResolutionDetails<T>> {
    const flag = flags[name];
    if (isDown) throw new GeneralError('down');
    if (flag === undefined) return { value, errorCode: ErrorCode.FLAG_NOT_FOUND };
    return isObject ? { value: flag as T } : { value, errorCode: ErrorCode.TYPE_MISMATCH };
  }

  const provider: Provider = {
    metadata: { name: 'store' },
    events,
    resolveBooleanEvaluation: (name, value) => resolve(name, value, false),
    resolveNumberEvaluation: (name, value) => resolve(name, value, false),
    resolveStringEvaluation: (name, value) => resolve(name, value, false),
    resolveObjectEvaluation: <T extends JsonValue>(name: string, value: T) => resolve(name, value, true),
  };
  await OpenFeature.setProviderAndWait(domain, provider);

  async function announce(changed: FlagJson | Readonly<Record<string, object>>): Promise<void> {
    flags = changed;
    events.emit(ProviderEvents.ConfigurationChanged, {});
  }

  return {
    open(cacheDirectory) {
      const client = OpenFeature.getClient(domain);
      const cache = cacheDirectory === undefined ? {} : { cacheDirectory, migration: 'orders-2026' };
      return createOpenFeatureSource({ client, pollIntervalMs: 20, ...cache });
    },
    publish: announce,
    publishGarbage: () => announce({ 'issue-target': { enabled: 'yes' } }),
    breakDown: async () => {
      isDown = true;
    },
    repair: async () => {
      isDown = false;
    },
    close: () => OpenFeature.clearProviders(),
  };
}
