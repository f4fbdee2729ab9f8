import { DEFAULT_FLAG_DOCUMENT, type FlagSnapshot, type FlagSource } from '@crossfade/core';
import {
  ErrorCode,
  type FlagMetadata,
  GeneralError,
  type JsonValue,
  type Provider,
  ProviderEvents,
  type ResolutionDetails,
  StandardResolutionReasons,
} from '@openfeature/server-sdk';
import { checkOptions } from '../polling/check-options.ts';
import { createProviderEvents, providerState } from './provider-events.ts';
import { type ResolvedFlag, resolveFlag } from './resolve-flag.ts';

export interface OpenFeatureProviderOptions {
  /** Any flag source. Closing the provider does not close it. */
  readonly flags: FlagSource;
  /** How often to check the source's age for the STALE event, in ms. Default: 1 s. */
  readonly intervalMs?: number;
}

/**
 * An OpenFeature provider over a flag source, for AWS AppConfig with `createAppConfigSource`. Each flag is a boolean
 * and an object; `issue-target` is also a number, its percentage (0 while off). Resolves from memory. Ignores the
 * evaluation context: the selector decides which side a login takes.
 *
 * Reasons: `STATIC`; `STALE`; `DEFAULT` for a switch before the first document. An unknown flag is `FLAG_NOT_FOUND`,
 * another type `TYPE_MISMATCH`. Initialisation fails until there is a document; then READY follows.
 * @throws {@link ConfigError} when an option is wrong.
 * @see https://openfeature.dev/specification/sections/providers
 * @example
 * await OpenFeature.setProviderAndWait(createOpenFeatureProvider({ flags: await openFlagSource(plan.flags) }));
 */
export function createOpenFeatureProvider(options: OpenFeatureProviderOptions): Provider {
  checkOptions('OpenFeature provider', options);
  const { flags, intervalMs = 1000 } = options;
  const events = createProviderEvents(flags, intervalMs);

  async function resolve<T>(
    name: string,
    defaultValue: T,
    select: (flag: ResolvedFlag) => T | undefined,
  ): Promise<ResolutionDetails<T>> {
    const snapshot = flags.snapshot();
    const flag = resolveFlag(snapshot.document, name);
    if (flag === undefined) return failure(defaultValue, ErrorCode.FLAG_NOT_FOUND, `flag ${name} does not exist`);
    const value = select(flag);
    if (value === undefined) return failure(defaultValue, ErrorCode.TYPE_MISMATCH, `flag ${name} has another type`);
    return { value, reason: reasonOf(snapshot), flagMetadata: metadataOf(snapshot) };
  }

  return {
    metadata: { name: 'crossfade' },
    runsOn: 'server',
    events: events.emitter,
    async initialize() {
      events.start();
      const snapshot = flags.snapshot();
      if (providerState(snapshot) !== ProviderEvents.Error) return;
      throw new GeneralError(snapshot.problem ?? 'no flag document has been read yet');
    },
    async onClose() {
      events.stop();
    },
    resolveBooleanEvaluation: (name, defaultValue) => resolve(name, defaultValue, ({ enabled }) => enabled),
    resolveNumberEvaluation: (name, defaultValue) => resolve(name, defaultValue, ({ percent }) => percent),
    resolveStringEvaluation: (name, defaultValue) => resolve(name, defaultValue, () => undefined),
    resolveObjectEvaluation: <T extends JsonValue>(name: string, defaultValue: T) =>
      resolve(name, defaultValue, ({ whole }) => whole as JsonValue as T),
  };
}

function reasonOf({ document, stale }: FlagSnapshot): string {
  if (document === DEFAULT_FLAG_DOCUMENT) return StandardResolutionReasons.DEFAULT;
  return stale ? StandardResolutionReasons.STALE : StandardResolutionReasons.STATIC;
}

function metadataOf({ revision, ageSeconds, stale }: FlagSnapshot): FlagMetadata {
  return { stale, ...(revision !== null && { revision }), ...(ageSeconds !== null && { ageSeconds }) };
}

function failure<T>(value: T, errorCode: ErrorCode, errorMessage: string): ResolutionDetails<T> {
  return { value, reason: StandardResolutionReasons.ERROR, errorCode, errorMessage };
}
