import { DEFAULT_FLAG_DOCUMENT, type FlagDocument, type FlagSnapshot, type FlagSource } from '@crossfade/core';
import { OpenFeatureEventEmitter, ProviderEvents } from '@openfeature/server-sdk';
import { flagNames, resolveFlag } from './resolve-flag.ts';

/** Emits the OpenFeature events of a flag source. */
export interface ProviderEventsWatch {
  readonly emitter: OpenFeatureEventEmitter;
  /** Starts emitting. The SDK itself announces the result of the initialisation. */
  start(): void;
  stop(): void;
}

type State = ProviderEvents.Ready | ProviderEvents.Stale | ProviderEvents.Error;

/** Returns the provider state: error before the first document, stale when the document is old. */
export function providerState({ document, stale }: FlagSnapshot): State {
  if (!stale) return ProviderEvents.Ready;
  return document === DEFAULT_FLAG_DOCUMENT ? ProviderEvents.Error : ProviderEvents.Stale;
}

export function createProviderEvents(flags: FlagSource, intervalMs: number): ProviderEventsWatch {
  const emitter = new OpenFeatureEventEmitter();
  let announced: State = ProviderEvents.Ready;
  let lastDocument: FlagDocument = DEFAULT_FLAG_DOCUMENT;
  let timer: NodeJS.Timeout | undefined;
  let unsubscribe = () => {};

  function emitChanges(): void {
    const snapshot = flags.snapshot();
    const { document, revision, problem } = snapshot;
    const metadata = revision === null ? {} : { revision };
    const state = providerState(snapshot);
    if (state !== announced) {
      announced = state;
      emitter.emit(state, { metadata, ...(problem !== undefined && { message: problem }) });
    }
    const flagsChanged = changed(lastDocument, document);
    lastDocument = document;
    if (flagsChanged.length > 0) emitter.emit(ProviderEvents.ConfigurationChanged, { metadata, flagsChanged });
  }

  function emitAfter(pauseMs: number): void {
    timer = setTimeout(() => {
      emitChanges();
      // A source announces no event when its document becomes stale.
      emitAfter(intervalMs);
    }, pauseMs);
    timer.unref();
  }

  return {
    emitter,
    start() {
      const snapshot = flags.snapshot();
      lastDocument = snapshot.document;
      // The SDK announces READY when the initialisation ends, even if the source is stale.
      announced = providerState(snapshot) === ProviderEvents.Error ? ProviderEvents.Error : ProviderEvents.Ready;
      unsubscribe = flags.subscribe(emitChanges);
      emitAfter(0);
    },
    stop() {
      unsubscribe();
      clearTimeout(timer);
    },
  };
}

function changed(before: FlagDocument, after: FlagDocument): string[] {
  if (before === after) return [];
  const names = new Set([...flagNames(before), ...flagNames(after)]);
  return [...names].filter(
    (name) => JSON.stringify(resolveFlag(before, name)) !== JSON.stringify(resolveFlag(after, name)),
  );
}
