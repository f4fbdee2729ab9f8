import { type AcceptanceSwitch, type Clock, type Problem, SIDES, type Side } from '@crossfade/core';
import type { Selector } from '@crossfade/selector';
import type { OnClientEvent } from '../events/client-event.ts';
import { type ProviderOptions, providerProblems } from './provider-options.ts';

/** What every client needs in addition to its provider. */
export interface CommonClientOptions {
  /** Selects the side, at every login and for every token. */
  readonly selector: Selector;
  /**
   * The acceptance switch: `acceptanceSwitch(flags)`. Once it says `target`, no request falls back to legacy, whose tokens the
   * API refuses. Default: both are accepted.
   */
  readonly acceptance?: AcceptanceSwitch;
  /** Receives every event, synchronously. `@crossfade/client/prometheus` counts them. */
  readonly onEvent?: OnClientEvent;
  readonly now?: Clock;
}

/** One provider, or one a side where the migration changes the issuer. */
export type ProviderChoice = ProviderOptions | { readonly providers: Readonly<Record<Side, ProviderOptions>> };

/** The options that all clients share. */
export type ClientOptions = CommonClientOptions & ProviderChoice;

const FUNCTIONS = [
  ['acceptance', ': acceptanceSwitch(flags) creates one'],
  ['onEvent', ', such as that of createClientMetrics'],
  ['now', ' that returns milliseconds'],
] as const;

/** Lists every problem of the shared options, without a request. */
export function clientProblems(options: ClientOptions): Problem[] {
  if (typeof options !== 'object' || options === null) return [{ path: '', message: 'must be an object of options' }];
  const problems: Problem[] = [];
  if ('providers' in options) {
    for (const side of SIDES) problems.push(...providerProblems(options.providers?.[side], `providers.${side}.`));
    if ('issuer' in options) {
      problems.push({
        path: 'providers',
        message: 'must not be combined with issuer: give one provider, or one a side',
      });
    }
  } else {
    problems.push(...providerProblems(options));
  }
  if (typeof options.selector?.select !== 'function') {
    problems.push({ path: 'selector', message: 'is required: createSelector creates one' });
  }
  for (const [name, remedy] of FUNCTIONS) {
    if (options[name] !== undefined && typeof options[name] !== 'function') {
      problems.push({ path: name, message: `must be a function${remedy}` });
    }
  }
  return problems;
}

/** The acceptance switch of the options. One that cannot be read says that both sides are accepted, as the API takes it. */
export function acceptanceOf({ acceptance }: Pick<CommonClientOptions, 'acceptance'>): AcceptanceSwitch {
  return () => {
    try {
      return acceptance?.() === 'target' ? 'target' : 'both';
    } catch {
      return 'both';
    }
  };
}
