import { UnavailableError } from '@crossfade/core';
import type { TokenExchange } from './token-exchange.ts';

/**
 * Asks several exchanges at once: two issuers, for instance, where each knows only its own tokens. The first one, in
 * their order, that returns a JWT decides.
 * @throws `UnavailableError` when none returns a JWT, and one of them cannot be asked: it might have.
 */
export function firstTokenExchange(exchanges: readonly TokenExchange[]): TokenExchange {
  const [only] = exchanges;
  if (exchanges.length === 1 && only !== undefined) return only;
  return {
    async exchange(token, history) {
      const results = await Promise.allSettled(exchanges.map((each) => each.exchange(token, history)));
      let failure: unknown;
      for (const result of results) {
        if (result.status === 'fulfilled' && result.value !== undefined) return result.value;
        if (result.status === 'rejected') failure ??= result.reason;
      }
      if (failure === undefined) return undefined;
      throw failure instanceof UnavailableError ? failure : exchangeFailed(failure);
    },
    maxAgeSeconds: Math.min(...exchanges.map(({ maxAgeSeconds = Number.POSITIVE_INFINITY }) => maxAgeSeconds), 3600),
    close() {
      for (const each of exchanges) each.close?.();
    },
  };
}

function exchangeFailed(cause: unknown): UnavailableError {
  return new UnavailableError('an opaque token cannot be exchanged', { dependency: 'exchange', cause });
}
