import type { Clock } from '@crossfade/core';
import { createTokenBucket } from '../http/token-bucket.ts';

/** Where an issuer answers questions about its tokens, as far as it is known. */
export interface EndpointLocator {
  /** Rejects while nobody can tell. */
  current(): URL | Promise<URL>;
  /** Says that nobody answers at `url`. The next one who asks makes it look again, and does not wait for it. */
  left(url: URL): void;
}

const SEARCH_BUDGET = { burst: 5, refillMs: 4000 };

/** A place that was given once and for all. */
export function staticEndpoint(url: URL): EndpointLocator {
  return { current: () => url, left: () => {} };
}

/** A place that is looked up when first needed: one search at a time, and not more than its budget allows. */
export function discoveredEndpoint({ find, now }: { find: () => Promise<URL>; now: Clock }): EndpointLocator {
  const budget = createTokenBucket({ ...SEARCH_BUDGET, now });
  let found: URL | undefined;
  let mayHaveMoved = false;
  let searching: Promise<URL> | undefined;

  async function search(): Promise<URL> {
    try {
      found = await find();
      mayHaveMoved = false;
      return found;
    } finally {
      searching = undefined;
    }
  }

  function searchOnce(): Promise<URL> | undefined {
    if (searching === undefined && budget.take()) searching = search();
    return searching;
  }

  return {
    current() {
      if (found === undefined) return searchOnce() ?? Promise.reject(new Error('searched for too often'));
      if (mayHaveMoved) searchOnce()?.catch(() => {});
      return found;
    },
    left(url) {
      if (url === found) mayHaveMoved = true;
    },
  };
}
