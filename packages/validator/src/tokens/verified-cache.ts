import type { TokenScheme } from '../request/judgement-context.ts';
import { type TokenSpan, tokenText } from '../request/presented-token.ts';
import type { RememberedToken } from './verified-token.ts';

/** The figures of a cache of verified tokens. */
export interface CacheStatus {
  readonly hits: number;
  readonly misses: number;
  readonly entries: number;
  /** Of the texts held, each a token or a whole header; their facts take about half as much again. */
  readonly bytes: number;
}

export interface VerifiedCache {
  /** Finds a token by the whole text that it came in. Finding none is not a miss yet: it may have come in another text. */
  get(text: string, scheme: TokenScheme | undefined): RememberedToken | undefined;
  /** Finds a token, whatever text it came in. */
  find(presented: TokenSpan): RememberedToken | undefined;
  add(known: RememberedToken, nowSeconds: number): void;
  status(): CacheStatus;
}

/** Slots per set; a new token takes one of its set's. */
const WAYS = 8;
/** Starts small, so that a cache of few tokens fits in the processor's cache. */
const FIRST_SLOTS = 64;
/** Slots that each new token checks for expired tokens, which are so removed without a timer. */
const SWEEP_STEPS = 4;
/** The widest clock tolerance: until then an expired token may still be accepted. */
const GRACE_SECONDS = 60;

/**
 * Remembers verified tokens within limits. It finds a token by a few characters of its signature and confirms it by
 * comparing the whole text, so no other token can pass for it. Those characters are as good as random, and only the
 * issuer's key can choose them, so an attacker cannot fill a chosen set. Eviction is CLOCK: a token that was referenced
 * again outlives those that were not, so a flood of one-time tokens does not evict the others.
 */
export function createVerifiedCache(limits: { readonly maxEntries: number; readonly maxBytes: number }): VerifiedCache {
  const maxSlots = 2 ** Math.floor(Math.log2(limits.maxEntries));
  const ways = Math.min(WAYS, maxSlots);
  let slots = Math.min(FIRST_SLOTS, maxSlots);
  let lastSet = slots / ways - 1;
  // Arrays rather than objects: reading a set's tags touches one line of the processor's cache.
  let tags = new Int32Array(slots);
  let referenced = new Uint8Array(slots);
  let held: (RememberedToken | undefined)[] = Array(slots).fill(undefined);
  let [hits, misses, entries, bytes, clockHand] = [0, 0, 0, 0, 0];

  function slotOf(presented: TokenSpan, tag: number): number {
    const first = (tag & lastSet) * ways;
    for (let slot = first; slot < first + ways; slot += 1) {
      if (tags[slot] === tag && isSame(held[slot], presented)) return slot;
    }
    return -1;
  }

  function hit(slot: number): RememberedToken | undefined {
    hits += 1;
    referenced[slot] = 1;
    return held[slot];
  }

  function freeSlotFor(tag: number, nowSeconds: number): number | undefined {
    const first = (tag & lastSet) * ways;
    for (let slot = first; slot < first + ways; slot += 1) if (isFree(slot, nowSeconds)) return slot;
    return undefined;
  }

  function slotToEvict(tag: number): number {
    const first = (tag & lastSet) * ways;
    for (let way = 0; way < ways; way += 1) {
      const slot = first + ((clockHand + way) % ways);
      if (referenced[slot] === 0) return slot;
    }
    referenced.fill(0, first, first + ways);
    return first + (clockHand % ways);
  }

  function slotForNew(tag: number, nowSeconds: number): number {
    let slot = freeSlotFor(tag, nowSeconds);
    while (slot === undefined && slots < maxSlots) {
      grow();
      slot = freeSlotFor(tag, nowSeconds);
    }
    return slot ?? slotToEvict(tag);
  }

  /** Splits each set in two; a token keeps its way in one of them. */
  function grow(): void {
    const old = { tags, referenced, held };
    slots *= 2;
    lastSet = slots / ways - 1;
    [tags, referenced, held] = [new Int32Array(slots), new Uint8Array(slots), Array(slots).fill(undefined)];
    for (const [from, known] of old.held.entries()) {
      if (known === undefined) continue;
      const tag = old.tags[from] ?? 0;
      const slot = (tag & lastSet) * ways + (from % ways);
      tags[slot] = tag;
      referenced[slot] = old.referenced[from] ?? 0;
      held[slot] = known;
    }
  }

  function isFree(slot: number, nowSeconds: number): boolean {
    const known = held[slot];
    return known === undefined || known.expiresAt + GRACE_SECONDS < nowSeconds;
  }

  function evict(slot: number): void {
    const known = held[slot];
    if (known === undefined) return;
    entries -= 1;
    bytes -= known.text.length;
    held[slot] = undefined;
    referenced[slot] = 0;
  }

  function sweep(nowSeconds: number): void {
    for (let step = 0; step < SWEEP_STEPS; step += 1) {
      clockHand = (clockHand + 1) % slots;
      if (isFree(clockHand, nowSeconds)) evict(clockHand);
    }
  }

  function makeRoom(size: number): void {
    while (bytes + size > limits.maxBytes) {
      clockHand = (clockHand + 1) % slots;
      if (referenced[clockHand] === 0) evict(clockHand);
      else referenced[clockHand] = 0;
    }
  }

  return {
    get(text, scheme) {
      const tag = tagOf(text);
      const first = (tag & lastSet) * ways;
      for (let slot = first; slot < first + ways; slot += 1) {
        if (tags[slot] !== tag) continue;
        const known = held[slot];
        if (known?.text === text && known.shared.scheme === scheme) return hit(slot);
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
      const { text, shared } = known;
      const size = text.length;
      if (size > limits.maxBytes) return;
      const tag = tagOf(text);
      const found = slotOf({ text, start: shared.start }, tag);
      const slot = found < 0 ? slotForNew(tag, nowSeconds) : found;
      evict(slot);
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

/** Leaves out the last character of a signature, which may hold only two bits. */
function tagOf(text: string): number {
  let tag = 0;
  const last = text.length - 1;
  for (let at = last - 6; at < last; at += 1) tag = Math.imul(tag ^ text.charCodeAt(at), 0x01000193);
  return tag;
}

function isSame(known: RememberedToken | undefined, presented: TokenSpan): boolean {
  if (known === undefined) return false;
  const { text, shared } = known;
  if (text === presented.text) return shared.start === presented.start;
  return tokenText({ text, start: shared.start }) === tokenText(presented);
}
