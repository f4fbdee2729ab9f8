import type { IssuanceSwitch, SelectionReason, Side } from '@crossfade/core';
import { bucketOf, targetBuckets } from '@crossfade/core/bucketing';

/** A known position of the issuance switch. */
export interface KnownPosition {
  readonly enabled: boolean;
  readonly percent: number;
  readonly revision: string | null;
  readonly stale: boolean;
}

/**
 * Reads the switch. Returns `undefined` if the position is unknown: the switch throws, has no number, or has never
 * reached its store. Never throws: a login must not fail because of the switch.
 */
export function knownPosition(issuance: IssuanceSwitch): KnownPosition | undefined {
  try {
    const { enabled, percent, revision = null, stale = false } = issuance();
    if (typeof enabled !== 'boolean' || (enabled && !Number.isFinite(percent))) return undefined;
    // A source that never reached its store shows the default position, without a revision.
    if (!enabled && stale && revision === null) return undefined;
    return { enabled, percent: enabled ? percent : 0, revision, stale };
  } catch {
    return undefined;
  }
}

export interface SideDecision {
  readonly side: Side;
  readonly reason: SelectionReason;
}

/** Decides by the issuance switch alone. At 0 % and at 100 % no key is needed. */
export function decideSide(position: KnownPosition, salt: string, key: unknown): SideDecision {
  if (!position.enabled || position.percent <= 0) return unlessStale('legacy', 'disabled', position);
  if (position.percent >= 100) return unlessStale('target', 'full', position);
  // Takes precedence over `stale`: the caller can fix a missing key.
  if (typeof key !== 'string' || key === '') return { side: 'legacy', reason: 'no_key' };
  const side = bucketOf(salt, key) < targetBuckets(position.percent) ? 'target' : 'legacy';
  return unlessStale(side, 'split', position);
}

function unlessStale(side: Side, reason: SelectionReason, { stale }: KnownPosition): SideDecision {
  return { side, reason: stale ? 'stale' : reason };
}
