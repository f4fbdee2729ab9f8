/** A stream of pseudo-random numbers, reproducible by its seed. Not for secrets. */
export interface Random {
  /** The next number, 0 <= x < 1. */
  next(): number;
  /** An integer from `fewest` to `most`, both included. */
  integer(fewest: number, most: number): number;
  /** A separate stream for `name`, independent of draws from other streams. */
  fork(name: string): Random;
}

/** Creates a stream (Mulberry32: small, and good enough for a simulation). */
export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 0x1_0000_0000;
  };
  return {
    next,
    integer: (fewest, most) => fewest + Math.floor(next() * (most - fewest + 1)),
    fork: (name) => createRandom(hash(seed, name)),
  };
}

/** FNV-1a over the name's code units, seeded. */
function hash(seed: number, name: string): number {
  let value = (0x811c9dc5 ^ seed) >>> 0;
  for (let index = 0; index < name.length; index += 1)
    value = Math.imul(value ^ name.charCodeAt(index), 0x01000193) >>> 0;
  return value;
}
