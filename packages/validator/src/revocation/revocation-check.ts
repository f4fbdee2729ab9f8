import { type AcceptedJudgement, type Judgement, rejectAccepted, UnavailableError } from '@crossfade/core';
import { settleWithin } from '../http/timeout.ts';
import type { IsRevoked } from './denylist.ts';

/**
 * Rejects an accepted token with `revoked` if it was. Waits only where the port does.
 * Rejects with `UnavailableError` where the port cannot tell: never guesses, and never throws synchronously.
 */
export type RevocationCheck = (judgement: AcceptedJudgement) => Judgement | Promise<Judgement>;

const TIMEOUT_MS = 5000;

export function createRevocationCheck(isRevoked: IsRevoked, timeoutMs = TIMEOUT_MS): RevocationCheck {
  async function checkLater(judgement: AcceptedJudgement, pending: PromiseLike<unknown>): Promise<Judgement> {
    let answer: unknown;
    try {
      answer = await settleWithin(timeoutMs, pending);
    } catch (cause) {
      throw unavailable(cause);
    }
    return applyAnswer(judgement, answer);
  }

  return (judgement) => {
    try {
      const answer: unknown = isRevoked(judgement);
      return isThenable(answer) ? checkLater(judgement, answer) : applyAnswer(judgement, answer);
    } catch (cause) {
      return Promise.reject(unavailable(cause));
    }
  };
}

/** Anything but `true` and `false` is a fault of the port, and says nothing about the token. */
function applyAnswer(judgement: AcceptedJudgement, answer: unknown): Judgement {
  if (answer === false) return judgement;
  if (answer === true) return rejectAccepted(judgement, { reason: 'revoked' });
  throw new UnavailableError('isRevoked returned neither true nor false', { dependency: 'revocation' });
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';
}

function unavailable(cause: unknown): UnavailableError {
  if (cause instanceof UnavailableError && cause.dependency === 'revocation') return cause;
  const retryAfter = cause instanceof UnavailableError ? { retryAfterSeconds: cause.retryAfterSeconds } : {};
  return new UnavailableError('whether a token was revoked cannot be told', {
    dependency: 'revocation',
    ...retryAfter,
    cause,
  });
}
