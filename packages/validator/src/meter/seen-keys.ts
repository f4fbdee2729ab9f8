import type { ObservedAcceptance, Side } from '@crossfade/core';
import type { Validator } from '../judge/validator.ts';
import type { KeyStatus } from '../keys/issuer-keys.ts';

/**
 * Which sides' keys were there at least once. Until then every token of the side gets 503, whatever the switch says; later
 * an outage of the issuer changes nothing about what the process is set up to accept.
 */
export interface SeenKeys {
  /** The sides whose keys were never there, and why. A side that needs none is not among them. */
  missing(): readonly MissingKeys[];
}

export interface MissingKeys {
  readonly side: Side;
  readonly reason: string;
}

/** Looks at the keys when it is asked, and remembers those that were there. */
export function createSeenKeys(validator: Pick<Validator, 'keys'>): SeenKeys {
  const seen = new Set<Side>();
  const look = ({ side, missing }: KeyStatus): MissingKeys[] => {
    if (missing === undefined) seen.add(side);
    return missing === undefined || seen.has(side) ? [] : [{ side, reason: missing }];
  };
  return { missing: () => validator.keys().flatMap(look) };
}

/**
 * What a process that enforces shows to accept: a side that the switch refuses is refused, and one that it accepts is
 * accepted once its tokens could be verified; until then `null`, for not known.
 */
export function enforcedAcceptance(
  acceptance: ObservedAcceptance,
  keys: SeenKeys,
): Readonly<Record<Side, boolean | null>> {
  const missing = keys.missing();
  const show = (side: Side, isOpen: boolean) =>
    isOpen && missing.some((missed) => missed.side === side) ? null : isOpen;
  return { legacy: show('legacy', acceptance !== 'target'), target: show('target', acceptance !== 'legacy') };
}
