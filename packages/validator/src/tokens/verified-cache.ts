import type { TokenScheme } from '../request/judgement-context.ts';
import { type TokenSpan, tokenText } from '../request/presented-token.ts';
import type { RememberedToken } from './verified-token.ts';

/** How a cache of verified tokens is doing. */
export interface CacheStatus {
  readonly hits: number;
  readonly misses: number;
  readonly entries: number;
  /** Of the tokens held, each with its scheme before it if it came so; what they say takes about half as much again. */
  readonly bytes: number;
}

export interface VerifiedCache {
  /** The token that came in this very text, behind this scheme. Finding none is no miss yet: it may have come otherwise. */
  get(text: string, scheme: TokenScheme | undefined): RememberedToken | undefined;
  /** The token, whatever text it came in. */
  find(presented: TokenSpan): RememberedToken | undefined;
  add(known: RememberedToken, nowSeconds: number): void;
  status(): CacheStatus;
}

/** Tokens that share a set, of which a new one replaces one. */
const WAYS = 8;
/** A cache that holds few tokens is small, and so is found in the processor's own. */
const FIRST_SLOTS = 64;
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
  const maxSlots = 2 ** Math.floor(Math.log2(limits.maxEntries));
  const ways = Math.min(WAYS, maxSlots);
  let slots = Math.min(FIRST_SLOTS, maxSlots);
  let lastSet = slots / ways - 1;
  // Side by side rather than as objects: a look at a set of tags touches one line of the processor's cache.
  let tags = new Int32Array(slots);
  let cameAgain = new Uint8Array(slots);
  let held: (RememberedToken | undefined)[] = Array(slots).fill(undefined);
  let [hits, misses, entries, bytes, hand] = [0, 0, 0, 0, 0];

  function slotOf(presented: TokenSpan, tag: number): number {
    const first = (tag & lastSet) * ways;
    for (let slot = first; slot < first + ways; slot += 1) {
      if (tags[slot] === tag && isSame(held[slot], presented)) return slot;
    }
    return -1;
  }

  function hit(slot: number): RememberedToken | undefined {
    hits += 1;
    cameAgain[slot] = 1;
    return held[slot];
  }

  function freeSlotFor(tag: number, nowSeconds: number): number | undefined {
    const first = (tag & lastSet) * ways;
    for (let slot = first; slot < first + ways; slot += 1) if (isFree(slot, nowSeconds)) return slot;
    return undefined;
  }

  function slotToEmpty(tag: number): number {
    const first = (tag & lastSet) * ways;
    for (let way = 0; way < ways; way += 1) {
      const slot = first + ((hand + way) % ways);
      if (cameAgain[slot] === 0) return slot;
    }
    cameAgain.fill(0, first, first + ways);
    return first + (hand % ways);
  }

  function slotForNew(tag: number, nowSeconds: number): number {
    let free = freeSlotFor(tag, nowSeconds);
    while (free === undefined && slots < maxSlots) {
      grow();
      free = freeSlotFor(tag, nowSeconds);
    }
    return free ?? slotToEmpty(tag);
  }

  /** Each set becomes two, and a token keeps its way in one of them. */
  function grow(): void {
    const old = { tags, cameAgain, held };
    slots *= 2;
    lastSet = slots / ways - 1;
    [tags, cameAgain, held] = [new Int32Array(slots), new Uint8Array(slots), Array(slots).fill(undefined)];
    for (const [from, known] of old.held.entries()) {
      if (known === undefined) continue;
      const tag = old.tags[from] ?? 0;
      const slot = (tag & lastSet) * ways + (from % ways);
      tags[slot] = tag;
      cameAgain[slot] = old.cameAgain[from] ?? 0;
      held[slot] = known;
    }
  }

  function isFree(slot: number, nowSeconds: number): boolean {
    const known = held[slot];
    return known === undefined || known.expiresAt + GRACE_SECONDS < nowSeconds;
  }

  function empty(slot: number): void {
    const known = held[slot];
    if (known === undefined) return;
    entries -= 1;
    bytes -= known.text.length;
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
    get(text, scheme) {
      const tag = tagOf(text);
      const first = (tag & lastSet) * ways;
      for (let slot = first; slot < first + ways; slot += 1) {
        if (tags[slot] !== tag) continue;
        const known = held[slot];
        if (known?.text === text && known.group.scheme === scheme) return hit(slot);
      }
      return undefined;
    },
    find(presented) {
      const slot = slotOf(presented, tagOf(presented.text));
      if (slot >= 0) return hit(slot);
      misses += 1;
      return undefined;
    },
    add(known, nowSeconds) {
      const { text, group } = known;
      const size = text.length;
      if (size > limits.maxBytes) return;
      const tag = tagOf(text);
      const found = slotOf({ text, start: group.start }, tag);
      const slot = found < 0 ? slotForNew(tag, nowSeconds) : found;
      empty(slot);
      sweep(nowSeconds);
      makeRoom(size);
      tags[slot] = tag;
      held[slot] = known;
      entries += 1;
      bytes += size;
    },
    status: () => ({ hits, misses, entries, bytes }),
  };
}

/** The last character of a signature may hold two bits only, so it has no say. */
function tagOf(text: string): number {
  let tag = 0;
  const last = text.length - 1;
  for (let at = last - 6; at < last; at += 1) tag = Math.imul(tag ^ text.charCodeAt(at), 0x01000193);
  return tag;
}

function isSame(known: RememberedToken | undefined, presented: TokenSpan): boolean {
  if (known === undefined) return false;
  const { text, group } = known;
  if (text === presented.text) return group.start === presented.start;
  return tokenText({ text, start: group.start }) === tokenText(presented);
}
