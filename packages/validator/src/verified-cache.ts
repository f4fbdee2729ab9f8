import type { KnownToken } from './verified-token.ts';

/** How a cache of verified tokens is doing. */
export interface CacheStatus {
  readonly hits: number;
  readonly misses: number;
  readonly entries: number;
  /** Of the tokens held; what they say takes about as much again. */
  readonly bytes: number;
}

export interface VerifiedCache {
  get(token: string): KnownToken | undefined;
  set(token: string, verified: KnownToken): void;
  status(): CacheStatus;
}

/** Tokens that share a place, of which the next one replaces one. */
const WAYS = 4;

/**
 * Remembers verified tokens, within bounds. A token is found by a few characters of its signature and confirmed by
 * comparing all of it: there is no hash that another token could share. Those characters are as good as random, and
 * nobody without the issuer's key can choose them, so nobody can aim at a place.
 */
export function createVerifiedCache(limits: { readonly maxEntries: number; readonly maxBytes: number }): VerifiedCache {
  const places = 2 ** Math.floor(Math.log2(limits.maxEntries / WAYS));
  const tokens: (string | undefined)[] = Array(places * WAYS).fill(undefined);
  const held: (KnownToken | undefined)[] = Array(places * WAYS).fill(undefined);
  let [hits, misses, entries, bytes, hand] = [0, 0, 0, 0, 0];

  function slotOf(token: string): number | undefined {
    const first = placeOf(token, places) * WAYS;
    for (let slot = first; slot < first + WAYS; slot += 1) if (tokens[slot] === token) return slot;
    return undefined;
  }

  function freeSlotOf(token: string): number {
    const first = placeOf(token, places) * WAYS;
    for (let slot = first; slot < first + WAYS; slot += 1) if (tokens[slot] === undefined) return slot;
    hand = (hand + 1) % tokens.length;
    return first + (hand % WAYS);
  }

  function empty(slot: number): void {
    const token = tokens[slot];
    if (token === undefined) return;
    entries -= 1;
    bytes -= token.length;
    tokens[slot] = undefined;
    held[slot] = undefined;
  }

  return {
    get(token) {
      const slot = slotOf(token);
      if (slot === undefined) misses += 1;
      else hits += 1;
      return slot === undefined ? undefined : held[slot];
    },
    set(token, verified) {
      if (token.length > limits.maxBytes) return;
      const slot = slotOf(token) ?? freeSlotOf(token);
      empty(slot);
      while (bytes + token.length > limits.maxBytes) {
        empty(hand);
        hand = (hand + 1) % tokens.length;
      }
      tokens[slot] = token;
      held[slot] = verified;
      entries += 1;
      bytes += token.length;
    },
    status: () => ({ hits, misses, entries, bytes }),
  };
}

/** The last character of a signature may hold two bits only, so it has no say. */
function placeOf(token: string, places: number): number {
  let place = 0;
  for (let at = token.length - 7; at < token.length - 1; at += 1) place = Math.imul(place, 31) + token.charCodeAt(at);
  return place & (places - 1);
}
