import type { SelectionReason, Side } from '@crossfade/core';
import { bucketOf, targetBuckets } from './bucket-of.ts';
import type { KnownPosition } from './known-position.ts';

export interface SideDecision {
  readonly side: Side;
  readonly reason: SelectionReason;
}

/** Decides by the issuance switch alone. At 0 % and at 100 % the key makes no difference, so none is needed. */
export function decideSide(position: KnownPosition, salt: string, key: unknown): SideDecision {
  if (!position.enabled || position.percent <= 0) return unlessStale('legacy', 'disabled', position);
  if (position.percent >= 100) return unlessStale('target', 'full', position);
  // Not overridden by `stale`: a missing key is what the caller can mend.
  if (typeof key !== 'string' || key === '') return { side: 'legacy', reason: 'no_key' };
  const side = bucketOf(salt, key) < targetBuckets(position.percent) ? 'target' : 'legacy';
  return unlessStale(side, 'split', position);
}

function unlessStale(side: Side, reason: SelectionReason, { stale }: KnownPosition): SideDecision {
  return { side, reason: stale ? 'stale' : reason };
}
