import { DEFAULT_FLAG_DOCUMENT, type FlagDocument, type FlagSnapshot, type FlagSource } from '@crossfade/core';
import { OpenFeatureEventEmitter, ProviderEvents } from '@openfeature/server-sdk';
import { flagNames, resolveFlag } from './resolve-flag.ts';

/** Tells OpenFeature what becomes of a flag source. */
export interface ProviderEventsWatch {
  readonly emitter: OpenFeatureEventEmitter;
  /** Begins to tell. The SDK itself announces how the initialisation ended. */
  start(): void;
  stop(): void;
}

type State = ProviderEvents.Ready | ProviderEvents.Stale | ProviderEvents.Error;

/** A source that never had a document can't answer for anything; one whose document is old is stale. */
export function providerState({ document, stale }: FlagSnapshot): State {
  if (!stale) return ProviderEvents.Ready;
  return document === DEFAULT_FLAG_DOCUMENT ? ProviderEvents.Error : ProviderEvents.Stale;
}

export function createProviderEvents(flags: FlagSource, intervalMs: number): ProviderEventsWatch {
  const emitter = new OpenFeatureEventEmitter();
  let announced: State = ProviderEvents.Ready;
  let known: FlagDocument = DEFAULT_FLAG_DOCUMENT;
  let timer: NodeJS.Timeout | undefined;
  let unsubscribe = () => {};

  function tell(): void {
    const snapshot = flags.snapshot();
    const { document, revision, problem } = snapshot;
    const metadata = revision === null ? {} : { revision };
    const state = providerState(snapshot);
    if (state !== announced) {
      announced = state;
      emitter.emit(state, { metadata, ...(problem !== undefined && { message: problem }) });
    }
    const flagsChanged = changed(known, document);
    known = document;
    if (flagsChanged.length > 0) emitter.emit(ProviderEvents.ConfigurationChanged, { metadata, flagsChanged });
  }

  function tellAfter(pauseMs: number): void {
    timer = setTimeout(() => {
      tell();
      // Growing old is no event of a source.
      tellAfter(intervalMs);
    }, pauseMs);
    timer.unref();
  }

  return {
    emitter,
    start() {
      const snapshot = flags.snapshot();
      known = snapshot.document;
      // The SDK says "ready" when the initialisation ends, also to what is stale.
      announced = providerState(snapshot) === ProviderEvents.Error ? ProviderEvents.Error : ProviderEvents.Ready;
      unsubscribe = flags.subscribe(tell);
      tellAfter(0);
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
