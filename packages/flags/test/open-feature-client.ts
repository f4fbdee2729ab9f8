import {
  type Client,
  ErrorCode,
  type JsonValue,
  OpenFeature,
  OpenFeatureEventEmitter,
  type Provider,
  ProviderEvents,
  type ResolutionDetails,
} from '@openfeature/server-sdk';
import { onTestFinished } from 'vitest';

export type Flags = Readonly<Record<string, JsonValue>>;

/** The official SDK's client, over a provider that a test holds in its hands. */
export interface HandClient {
  readonly client: Client;
  readonly provider: Provider;
  readonly events: OpenFeatureEventEmitter;
  flags: Flags;
  metadata: Readonly<Record<string, string>>;
  /** How each evaluation ends in place of a value. */
  fault: 'none' | 'error' | 'hang' | 'default';
  /** Changes the flags as a provider does that has events. */
  announce(flags: Flags): void;
}

export async function openHandClient(flags: Flags): Promise<HandClient> {
  const domain = crypto.randomUUID();
  const events = new OpenFeatureEventEmitter();

  async function resolve<T extends JsonValue>(
    name: string,
    defaultValue: T,
    isOfType: (value: JsonValue) => boolean,
  ): Promise<ResolutionDetails<T>> {
    const value = hand.flags[name];
    if (hand.fault === 'error') throw new Error('secret');
    if (hand.fault === 'hang') return new Promise(() => {});
    if (hand.fault === 'default') return { value: defaultValue, reason: 'DISABLED' };
    if (value === undefined) return { value: defaultValue, errorCode: ErrorCode.FLAG_NOT_FOUND };
    if (!isOfType(value)) return { value: defaultValue, errorCode: ErrorCode.TYPE_MISMATCH };
    return { value: value as T, flagMetadata: hand.metadata };
  }

  const provider: Provider = {
    metadata: { name: 'hand' },
    events,
    resolveBooleanEvaluation: (name, value) => resolve(name, value, (found) => typeof found === 'boolean'),
    resolveNumberEvaluation: (name, value) => resolve(name, value, (found) => typeof found === 'number'),
    resolveStringEvaluation: (name, value) => resolve(name, value, (found) => typeof found === 'string'),
    resolveObjectEvaluation: (name, value) => resolve(name, value, (found) => typeof found === 'object'),
  };
  await OpenFeature.setProviderAndWait(domain, provider);
  onTestFinished(() => OpenFeature.clearProviders());
  const hand: HandClient = {
    client: OpenFeature.getClient(domain),
    provider,
    events,
    flags,
    metadata: {},
    fault: 'none',
    announce(changed) {
      hand.flags = changed;
      events.emit(ProviderEvents.ConfigurationChanged, {});
    },
  };
  return hand;
}
