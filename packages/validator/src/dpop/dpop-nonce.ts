import { createHmac } from 'node:crypto';
import type { Clock } from '@crossfade/core';
import { constantTimeEqual } from './constant-time-equal.ts';

/** Nonces for DPoP proofs (RFC 9449 §9), derived from a secret and the time, so that none has to be stored. */
export interface DpopNonces {
  current(): string;
  /** Whether a nonce is of this period, the previous one, or the next one (from an instance whose clock is ahead). */
  isRecent(nonce: string): boolean;
}

/** Creates nonces. Instances with the same secret accept each other's. */
export function createDpopNonces(options: {
  readonly secret: string;
  readonly rotationSeconds: number;
  readonly now: Clock;
}): DpopNonces {
  const { secret, rotationSeconds, now } = options;
  const periodNow = () => Math.floor(now() / 1000 / rotationSeconds);
  const nonceOf = (period: number) => createHmac('sha256', secret).update(`DPoP-Nonce ${period}`).digest('base64url');

  return {
    current: () => nonceOf(periodNow()),
    isRecent(nonce) {
      const period = periodNow();
      return [period, period - 1, period + 1].some((recent) => constantTimeEqual(nonceOf(recent), nonce));
    },
  };
}
