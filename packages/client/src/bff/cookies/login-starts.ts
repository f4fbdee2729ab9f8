import type { Clock } from '@crossfade/core';
import type { Cookies } from './cookies.ts';

/** Counts the logins that a browser starts, so that a loop of redirects ends in a page. */
export interface LoginStarts {
  /** Whether this browser has started too many logins in the last minute. */
  isLoop(request: Request): boolean;
  /** The `Set-Cookie` line that counts a login. */
  started(request: Request): string;
  /** The `Set-Cookie` line that counts one as successful. */
  succeeded(request: Request): string;
  /** The `Set-Cookie` line that begins at none: a user who signs out is in no loop. */
  forgotten(): string;
}

const COOKIE = 'starts';
const WINDOW_SECONDS = 60;
/** A start counts two, and a success takes one back: 5 logins in a row without success, or 10 with it. */
const MAX_WEIGHT = 10;

interface Count {
  readonly weight: number;
  readonly sinceSeconds: number;
}

/**
 * Creates the counter of login starts. The loops that happen are those of *successful* logins: the application does not see
 * the session, because its host differs from `publicUrl`, or its API refuses every token. So a success does not clear the count.
 */
export function createLoginStarts(cookies: Cookies, now: Clock): LoginStarts {
  const nowSeconds = () => Math.floor(now() / 1000);

  function read(request: Request): Count {
    const [, weight, since] = /^(\d{1,3})\.([0-9a-z]{1,10})$/.exec(cookies.read(request, COOKIE) ?? '') ?? [];
    const count = { weight: Number(weight), sinceSeconds: Number.parseInt(since ?? '', 36) };
    const ageSeconds = nowSeconds() - count.sinceSeconds;
    return ageSeconds >= 0 && ageSeconds < WINDOW_SECONDS ? count : { weight: 0, sinceSeconds: nowSeconds() };
  }

  function write({ weight, sinceSeconds }: Count, change: number): string {
    const changed = Math.max(0, weight + change);
    return cookies.set(COOKIE, `${changed}.${sinceSeconds.toString(36)}`, WINDOW_SECONDS);
  }

  return {
    isLoop: (request) => read(request).weight >= MAX_WEIGHT,
    started: (request) => write(read(request), 2),
    succeeded: (request) => write(read(request), -1),
    forgotten: () => cookies.clear(COOKIE),
  };
}
