import type { Clock } from '@crossfade/core';

/** A page waits for the response at most this long. */
const TIMEOUT_MS = 1000;
const REACHABLE_MS = 10_000;
const UNREACHABLE_MS = 30_000;

/**
 * Creates a check whether a provider responds: its metadata with any status below 500, within a second. Concurrent calls
 * share a request, and a result is used for 10 s, a failure for 30 s.
 */
export function createReachability(issuer: string, send: typeof fetch | undefined, now: Clock): () => Promise<boolean> {
  const url = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
  let running: Promise<boolean> | undefined;
  let known = { isReachable: false, untilMs: 0 };

  async function check(): Promise<boolean> {
    const isReachable = await responds(url, send ?? fetch);
    known = { isReachable, untilMs: now() + (isReachable ? REACHABLE_MS : UNREACHABLE_MS) };
    running = undefined;
    return isReachable;
  }

  return async () => {
    if (now() < known.untilMs) return known.isReachable;
    running ??= check();
    return running;
  };
}

async function responds(url: string, send: typeof fetch): Promise<boolean> {
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), TIMEOUT_MS);
  timer.unref();
  try {
    const response = await send(url, { signal: abort.signal });
    await response.body?.cancel();
    return response.status < 500;
  } catch {
    return false;
  } finally {
    clearTimeout(timer);
  }
}
