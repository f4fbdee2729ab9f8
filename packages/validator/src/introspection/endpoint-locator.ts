import type { Clock } from '@crossfade/core';
import { createTokenBucket } from '../http/token-bucket.ts';

/** Locates the introspection endpoint of an issuer. */
export interface EndpointLocator {
  /** Rejects while the endpoint cannot be found. */
  current(): URL | Promise<URL>;
  /** Reports that no endpoint responds at `url`. The next `current` starts a new search without waiting for it. */
  reportGone(url: URL): void;
}

const SEARCH_LIMIT = { burst: 5, refillMs: 4000 };

/** An endpoint from the options. */
export function staticEndpoint(url: URL): EndpointLocator {
  return { current: () => url, reportGone: () => {} };
}

/** An endpoint that is discovered when first needed: one search at a time, with a rate limit. */
export function discoveredEndpoint({ find, now }: { find: () => Promise<URL>; now: Clock }): EndpointLocator {
  const bucket = createTokenBucket({ ...SEARCH_LIMIT, now });
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
    if (searching === undefined && bucket.take()) searching = search();
    return searching;
  }

  return {
    current() {
      if (found === undefined) return searchOnce() ?? Promise.reject(new Error('searched for too often'));
      if (mayHaveMoved) searchOnce()?.catch(() => {});
      return found;
    },
    reportGone(url) {
      if (url === found) mayHaveMoved = true;
    },
  };
}
