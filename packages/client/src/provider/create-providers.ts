import type { Side } from '@crossfade/core';
import type { ClientOptions } from './client-options.ts';
import { createProvider } from './create-provider.ts';
import type { Provider, Providers } from './provider.ts';

/** Creates the providers of a client, without a request. The options have no problems. */
export function createProviders(options: ClientOptions): Providers {
  const { now = Date.now } = options;
  if (!('providers' in options)) {
    const provider = createProvider(options, now);
    return providersOf({ legacy: provider, target: provider });
  }
  const { legacy, target } = options.providers;
  return providersOf({ legacy: createProvider(legacy, now), target: createProvider(target, now) });
}

function providersOf(bySide: Readonly<Record<Side, Provider>>): Providers {
  const all = [...new Set([bySide.legacy, bySide.target])];
  return {
    all,
    of: (side) => bySide[side],
    at(issuer, side = 'legacy') {
      return [bySide[side], ...all].find((provider) => isSameIssuer(provider.issuer, issuer));
    },
  };
}

/** An issuer without a path is the same with and without a slash at its end: as configured, and as its tokens name it. */
function isSameIssuer(one: string, other: string): boolean {
  return one === other || (URL.canParse(other) && new URL(one).href === new URL(other).href);
}
