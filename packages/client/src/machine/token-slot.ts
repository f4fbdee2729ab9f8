import type { Clock } from '@crossfade/core';
import { GrantRefusedError } from '../provider/errors.ts';
import type { CachedToken } from '../tokens/cached-token.ts';
import { retryWaitMs } from '../tokens/retry-wait.ts';

/** A token of a machine. */
export interface MachineToken extends CachedToken {
  /** Whether it is bound to the client's DPoP key, which a request must prove (RFC 9449 §7). */
  readonly isBound: boolean;
}

/** Holds the token of one side, renews it, and remembers a failure until the wait after it is over. */
export interface TokenSlot {
  /** The token, while it is valid and is not the refused one. */
  valid(not?: string): MachineToken | undefined;
  /** Whether a new token is to be requested. Takes note that the API refused `not`. */
  isDue(not?: string): boolean;
  /**
   * Joins the running request, or sends one. Rejects with the latest failure, without a request, while the wait after it lasts.
   */
  renew(send: () => Promise<MachineToken>): Promise<MachineToken>;
  /** Makes the token due: it is used until the next one is there. */
  expedite(): void;
  /** When the latest request was sent. */
  readonly sentAtMs: number;
}

/**
 * After a token was replaced because the API refused it, the next one is not replaced for this long: an API that refuses all
 * tokens would have one issued for each call.
 */
const REFUSAL_PAUSE_MS = 30_000;

export function createTokenSlot(now: Clock, random: () => number): TokenSlot {
  let token: MachineToken | undefined;
  let running: Promise<MachineToken> | undefined;
  let sentAtMs = 0;
  let failures = 0;
  let failure: { readonly error: unknown; readonly fromMs: number; readonly untilMs: number } | undefined;
  let refused: { readonly accessToken: string; readonly atMs: number } | undefined;

  function isRefused(not: string | undefined): boolean {
    return not !== undefined && not === token?.accessToken && not === refused?.accessToken;
  }

  // A clock that was set back ends each wait.
  const isWithin = (fromMs: number, untilMs: number) => fromMs <= now() && now() < untilMs;
  const wasRefusedLately = () => refused !== undefined && isWithin(refused.atMs, refused.atMs + REFUSAL_PAUSE_MS);

  function noteRefusal(not: string): void {
    if (not !== token?.accessToken || wasRefusedLately()) return;
    refused = { accessToken: not, atMs: now() };
  }

  async function run(send: () => Promise<MachineToken>): Promise<MachineToken> {
    sentAtMs = now();
    try {
      token = await send();
      failures = 0;
      failure = undefined;
      return token;
    } catch (error) {
      // After a fallback the flag's revision decides when this side is requested again.
      if (error instanceof GrantRefusedError && error.fallsBack) throw error;
      failures += 1;
      failure = { error, fromMs: now(), untilMs: now() + retryWaitMs(error, failures, random()) };
      throw error;
    } finally {
      running = undefined;
    }
  }

  return {
    valid: (not) => (token !== undefined && now() < token.expiresAtMs && !isRefused(not) ? token : undefined),
    isDue(not) {
      if (not !== undefined) noteRefusal(not);
      return token === undefined || now() >= token.renewAtMs || token.accessToken === refused?.accessToken;
    },
    async renew(send) {
      if (running === undefined && failure !== undefined && isWithin(failure.fromMs, failure.untilMs))
        throw failure.error;
      running ??= run(send);
      return running;
    },
    expedite() {
      if (token !== undefined) token = { ...token, renewAtMs: Math.min(token.renewAtMs, now()) };
    },
    get sentAtMs() {
      return sentAtMs;
    },
  };
}
