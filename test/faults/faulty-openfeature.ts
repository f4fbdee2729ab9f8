import { createOpenFeatureSource } from '@crossfade/flags/openfeature-source';
import {
  ErrorCode,
  type JsonValue,
  OpenFeature,
  ParseError,
  type Provider,
  type ResolutionDetails,
} from '@openfeature/server-sdk';
import type { FlagJson } from '../contract/store-under-test.ts';
import { startFaultyServer } from './faulty-server.ts';
import type { FaultyStore } from './faulty-store.ts';

/** Creates a provider under the official SDK that requests a flag server over HTTP at each evaluation. */
export async function createFaultyOpenFeature(now: () => number): Promise<FaultyStore> {
  const domain = crypto.randomUUID();
  let flags: FlagJson = {};
  const server = await startFaultyServer(({ url = '' }) => {
    const flag = flags[url.slice(1)];
    return { status: flag === undefined ? 404 : 200, headers: {}, body: JSON.stringify(flag ?? {}) };
  });

  async function resolve<T>(name: string, defaultValue: T): Promise<ResolutionDetails<T>> {
    const response = await fetch(`${server.url}/${name}`);
    const text = await response.text();
    if (response.status === 404) return { value: defaultValue, errorCode: ErrorCode.FLAG_NOT_FOUND };
    const value = parse(text);
    if (typeof value === typeof defaultValue) return { value: value as T };
    return { value: defaultValue, errorCode: ErrorCode.TYPE_MISMATCH };
  }

  const provider: Provider = {
    metadata: { name: 'http' },
    resolveBooleanEvaluation: (name, value) => resolve(name, value),
    resolveNumberEvaluation: (name, value) => resolve(name, value),
    resolveStringEvaluation: (name, value) => resolve(name, value),
    resolveObjectEvaluation: <T extends JsonValue>(name: string, value: T) => resolve(name, value),
  };
  await OpenFeature.setProviderAndWait(domain, provider);
  const client = OpenFeature.getClient(domain);
  return {
    open: (cacheDirectory) =>
      createOpenFeatureSource({
        client,
        cacheDirectory,
        migration: 'orders-2026',
        pollIntervalMs: 250,
        timeoutMs: 1000,
        now,
      }),
    publish: async (changed) => {
      flags = changed;
    },
    inflict: async (fault) => server.inflict(fault),
    repair: async () => server.repair(),
    advance() {},
    close: server.close,
  };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new ParseError('not JSON');
  }
}
