import { type Clock, UnavailableError } from '@crossfade/core';

/** Holds back the requests of a client while its provider has asked to wait. */
export interface RequestGate {
  /**
   * Runs a request. After a wait one request goes alone; the others fail at once until it settles.
   * @param what the request, for the error.
   * @throws {@link UnavailableError} without running it, while the gate is closed.
   */
  run<T>(what: string, request: () => Promise<T>): Promise<T>;
  /** Notes that a request was sent: without one, what ran alone says nothing about the provider. */
  sent(): void;
  /** How long the provider has asked to wait from now; 0 while the gate is open, or may be tried. */
  waitSeconds(): number;
  /** Closes the gate: the provider responded with `Retry-After`. */
  close(seconds: number): void;
}

/** How long the requests wait that meet the one that goes alone. */
const TRIAL_SECONDS = 1;

/** Creates an open gate. */
export function createRequestGate(now: Clock): RequestGate {
  /** Until then no request goes; later one goes alone. Absent while the gate is open. */
  let closedUntilMs: number | undefined;
  let isTrialRunning = false;
  let sent = 0;

  function refuse(what: string, waitSeconds: number): UnavailableError {
    return new UnavailableError(`the provider asked to wait before ${what}`, { retryAfterSeconds: waitSeconds });
  }

  function waitSeconds(): number {
    return closedUntilMs === undefined ? 0 : Math.max(0, Math.ceil((closedUntilMs - now()) / 1000));
  }

  async function tryAlone<T>(request: () => Promise<T>): Promise<T> {
    isTrialRunning = true;
    const closedFor = closedUntilMs;
    const sentBefore = sent;
    try {
      return await request();
    } finally {
      isTrialRunning = false;
      // Unless the provider asked for another wait. A failure of any other kind blocks no login.
      if (closedUntilMs === closedFor && sent > sentBefore) closedUntilMs = undefined;
    }
  }

  return {
    async run(what, request) {
      if (closedUntilMs === undefined) return request();
      if (waitSeconds() > 0) throw refuse(what, waitSeconds());
      if (isTrialRunning) throw refuse(what, TRIAL_SECONDS);
      return tryAlone(request);
    },
    waitSeconds,
    sent() {
      sent += 1;
    },
    close(seconds) {
      closedUntilMs = Math.max(closedUntilMs ?? 0, now() + seconds * 1000);
    },
  };
}
