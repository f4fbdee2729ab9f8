import type { Clock } from '@crossfade/core';

/** Metadata is renewed after this time. */
const FRESH_MS = 3600 * 1000;
/** After a failure the next request waits this long, and twice as long after each further one. */
const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 10_000;

/**
 * Creates a function that returns the metadata of a provider, fetched at the first call. Concurrent calls share one request. After
 * a failure calls fail with its error, without a request, for half a second and up to ten. Metadata older than an hour is renewed
 * beside the calls that it serves; until that succeeds the old one remains.
 */
export function createMetadataCache<T>(
  fetchMetadata: (known: T | undefined) => Promise<T>,
  now: Clock,
): () => Promise<T> {
  let known: { readonly metadata: T; readonly atMs: number } | undefined;
  let running: Promise<T> | undefined;
  let failure:
    | { readonly error: unknown; readonly count: number; readonly atMs: number; readonly waitMs: number }
    | undefined;

  async function run(): Promise<T> {
    try {
      const metadata = await fetchMetadata(known?.metadata);
      known = { metadata, atMs: now() };
      failure = undefined;
      return metadata;
    } catch (error) {
      const { count } = failure ?? { count: 0 };
      const waitMs = Math.min(FIRST_WAIT_MS * 2 ** count, LONGEST_WAIT_MS);
      failure = { error, count: count + 1, atMs: now(), waitMs };
      throw error;
    } finally {
      running = undefined;
    }
  }

  return async () => {
    const mayFetch = failure === undefined || !isWithin(failure.atMs, failure.waitMs, now());
    const isFresh = known !== undefined && isWithin(known.atMs, FRESH_MS, now());
    if (running === undefined && !isFresh && mayFetch) {
      running = run();
      // A renewal has no caller that waits for it.
      running.catch(() => {});
    }
    if (known !== undefined) return known.metadata;
    if (running !== undefined) return running;
    throw failure?.error;
  };
}

/** Whether this time has not passed since. A clock that was set back has passed it. */
function isWithin(sinceMs: number, durationMs: number, nowMs: number): boolean {
  return sinceMs <= nowMs && nowMs < sinceMs + durationMs;
}
