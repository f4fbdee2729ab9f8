import { isSpoof } from './request-headers.ts';
import { readTrailers } from './response-headers.ts';

/** Fields that say who asks. An API that merges trailers into its headers must not take them from there. */
const NEVER: ReadonlySet<string> = new Set(['authorization', 'cookie', 'dpop', 'expect', 'range']);

/** What of a request's trailers goes on to the API, as pairs. No proxy speaks of its client in them, trusted or not. */
export function requestTrailers(rawTrailers: readonly string[]): [name: string, value: string][] {
  return readTrailers(rawTrailers).filter(([name]) => {
    const lower = name.toLowerCase();
    return !NEVER.has(lower) && !isSpoof(lower, false);
  });
}
