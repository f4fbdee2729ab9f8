import { createHmac } from 'node:crypto';
import type { Clock } from '@crossfade/core';
import { constantTimeEqual } from './constant-time-equal.ts';

/** Nonces for DPoP proofs (RFC 9449 §9), which nobody has to remember: they follow from a secret and the time. */
export interface DpopNonces {
  current(): string;
  /** Whether a nonce is this period's or the one before; or the next one's, from an instance whose clock is ahead. */
  isRecent(nonce: string): boolean;
}

/** Instances with the same secret know each other's nonces. */
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
