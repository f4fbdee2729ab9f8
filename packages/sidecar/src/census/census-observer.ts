import { UnavailableError } from '@crossfade/core';
import type { Observer } from '../meter/observer.ts';
import type { Census } from './census.ts';

/**
 * Observes while the plan does not say yet what legacy is: notes the token of each request in the census, once it was
 * forwarded. Judges nothing, so the meter counts nothing, and no alert takes unknown tokens for rejected ones.
 */
export function createCensusObserver(census: Census): Observer {
  const note = (authorization: readonly string[]): UnavailableError => {
    census.note(authorization, 'unchecked');
    return NOT_JUDGED;
  };
  return {
    observe(authorization) {
      let isNoted = false;
      return {
        judge() {
          if (!isNoted) note(authorization);
          isNoted = true;
          return NOT_JUDGED;
        },
        settle() {},
        responded() {},
        ended() {},
      };
    },
    decide: note,
    // A preflight has no token to note.
    countPreflight() {},
    pending: () => 0,
  };
}

const NOT_JUDGED = new UnavailableError('the plan names no legacy side');
