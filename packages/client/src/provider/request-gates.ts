import { type Clock, UnavailableError } from '@crossfade/core';

/**
 * Hold back the requests of a client to an endpoint that has asked to wait. Each endpoint has its own: a userinfo or
 * revocation endpoint that is busy stops no refresh.
 */
export interface RequestGates {
  /**
   * Sends a request. After a wait one request goes alone; the others fail at once until it settles.
   * @throws {@link UnavailableError} without sending it, while its endpoint waits.
   */
  run<T>(endpoint: string, send: () => Promise<T>): Promise<T>;
  /** The endpoint responded with `Retry-After`. */
  close(endpoint: string, seconds: number): void;
  /** How often an endpoint has asked to wait. */
  readonly closings: number;
  /** How long the endpoint that asked last has asked to wait from now; 0 if it may be tried. */
  latestWaitSeconds(): number;
}

interface Wait {
  readonly fromMs: number;
  readonly untilMs: number;
  /** When the request was sent that goes alone. */
  trialAtMs?: number | undefined;
}

/** How long the requests wait that meet the one that goes alone. */
const TRIAL_SECONDS = 1;

/** @param trialMs after which the request that goes alone holds back no others: it may hang. */
export function createRequestGates(now: Clock, trialMs: number): RequestGates {
  const waits = new Map<string, Wait>();
  let latest: string | undefined;
  let closings = 0;

  // A clock that was set back ends the wait.
  const isWithin = (fromMs: number, untilMs: number) => fromMs <= now() && now() < untilMs;

  function secondsOf(wait: Wait | undefined): number {
    if (wait === undefined || !isWithin(wait.fromMs, wait.untilMs)) return 0;
    return Math.ceil((wait.untilMs - now()) / 1000);
  }

  function refusal(retryAfterSeconds: number): UnavailableError {
    return new UnavailableError('the provider asked to wait before the next request', { retryAfterSeconds });
  }

  return {
    async run(endpoint, send) {
      const wait = waits.get(endpoint);
      if (wait === undefined) return send();
      const seconds = secondsOf(wait);
      if (seconds > 0) throw refusal(seconds);
      const { trialAtMs } = wait;
      if (trialAtMs !== undefined && isWithin(trialAtMs, trialAtMs + trialMs)) throw refusal(TRIAL_SECONDS);
      wait.trialAtMs = now();
      try {
        return await send();
      } finally {
        // Unless the endpoint asked for another wait. A failure of any other kind blocks no login.
        if (waits.get(endpoint) === wait) waits.delete(endpoint);
      }
    },
    close(endpoint, seconds) {
      const left = secondsOf(waits.get(endpoint));
      waits.set(endpoint, { fromMs: now(), untilMs: now() + Math.max(seconds, left) * 1000 });
      latest = endpoint;
      closings += 1;
    },
    get closings() {
      return closings;
    },
    latestWaitSeconds: () => (latest === undefined ? 0 : secondsOf(waits.get(latest))),
  };
}
