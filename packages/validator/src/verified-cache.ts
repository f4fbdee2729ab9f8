import type { KnownToken } from './verified-token.ts';

/** How a cache of verified tokens is doing. */
export interface CacheStatus {
  readonly hits: number;
  readonly misses: number;
  readonly entries: number;
  /** Of the tokens held; what they say takes about two thirds as much again. */
  readonly bytes: number;
}

export interface VerifiedCache {
  get(token: string): KnownToken | undefined;
  set(token: string, known: KnownToken, nowSeconds: number): void;
  status(): CacheStatus;
}

/** Tokens that share a set, of which a new one replaces one. */
const WAYS = 8;
/** How many slots each new token looks through for expired ones, so that those go without a timer. */
const SWEPT = 4;
/** As far as clocks may ever differ: until then an expired token may still be judged by its facts. */
const GRACE_SECONDS = 60;

/**
 * Remembers verified tokens, within bounds. A token is found by a few characters of its signature and confirmed by
 * comparing all of it: there is no hash that another token could share. Those characters are as good as random, and
 * nobody without the issuer's key can choose them, so nobody can aim at a set. A token that came again outlives
 * those that did not, so that a flood of tokens that come once does not wash the others out.
 */
export function createVerifiedCache(limits: { readonly maxEntries: number; readonly maxBytes: number }): VerifiedCache {
  const slots = 2 ** Math.floor(Math.log2(limits.maxEntries));
  const ways = Math.min(WAYS, slots);
  const lastSet = slots / ways - 1;
  // Side by side rather than as objects: a look at a set of tags touches one line of the processor's cache.
  const tags = new Int32Array(slots);
  const cameAgain = new Uint8Array(slots);
  const tokens: (string | undefined)[] = Array(slots).fill(undefined);
  const held: (KnownToken | undefined)[] = Array(slots).fill(undefined);
  let [hits, misses, entries, bytes, hand] = [0, 0, 0, 0, 0];

  function slotOf(token: string, tag: number): number {
    const first = (tag & lastSet) * ways;
    for (let slot = first; slot < first + ways; slot += 1) {
      if (tags[slot] === tag && tokens[slot] === token) return slot;
    }
    return -1;
  }

  function freeSlotFor(tag: number, nowSeconds: number): number {
    const first = (tag & lastSet) * ways;
    for (let slot = first; slot < first + ways; slot += 1) if (isFree(slot, nowSeconds)) return slot;
    for (let way = 0; way < ways; way += 1) {
      const slot = first + ((hand + way) % ways);
      if (cameAgain[slot] === 0) return slot;
    }
    cameAgain.fill(0, first, first + ways);
    return first + (hand % ways);
  }

  function isFree(slot: number, nowSeconds: number): boolean {
    const known = held[slot];
    return known === undefined || known.expiresAt + GRACE_SECONDS < nowSeconds;
  }

  function empty(slot: number): void {
    const token = tokens[slot];
    if (token === undefined) return;
    entries -= 1;
    bytes -= token.length;
    tokens[slot] = undefined;
    held[slot] = undefined;
    cameAgain[slot] = 0;
  }

  function sweep(nowSeconds: number): void {
    for (let step = 0; step < SWEPT; step += 1) {
      hand = (hand + 1) % slots;
      if (isFree(hand, nowSeconds)) empty(hand);
    }
  }

  function makeRoom(size: number): void {
    while (bytes + size > limits.maxBytes) {
      hand = (hand + 1) % slots;
      if (cameAgain[hand] === 0) empty(hand);
      else cameAgain[hand] = 0;
    }
  }

  return {
    get(token) {
      const slot = slotOf(token, tagOf(token));
      if (slot < 0) {
        misses += 1;
        return undefined;
      }
      hits += 1;
      cameAgain[slot] = 1;
      return held[slot];
    },
    set(token, known, nowSeconds) {
      if (token.length > limits.maxBytes) return;
      const tag = tagOf(token);
      const found = slotOf(token, tag);
      const slot = found < 0 ? freeSlotFor(tag, nowSeconds) : found;
      empty(slot);
      sweep(nowSeconds);
      makeRoom(token.length);
      tags[slot] = tag;
      // A copy: a token is a slice of its header, and would keep all of it.
      tokens[slot] = Buffer.from(token, 'latin1').toString('latin1');
      held[slot] = known;
      entries += 1;
      bytes += token.length;
    },
    status: () => ({ hits, misses, entries, bytes }),
  };
}

/** The last character of a signature may hold two bits only, so it has no say. */
function tagOf(token: string): number {
  let tag = 0;
  const last = token.length - 1;
  for (let at = last - 6; at < last; at += 1) tag = Math.imul(tag ^ token.charCodeAt(at), 0x01000193);
  return tag;
}
