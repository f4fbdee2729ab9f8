import type { IssuanceSwitch } from '@crossfade/core';

/** A position of the issuance switch that something is known of. */
export interface KnownPosition {
  readonly enabled: boolean;
  readonly percent: number;
  readonly revision: string | null;
  readonly stale: boolean;
}

/**
 * Reads the switch. Gives `undefined` when nothing is known: the switch throws, holds no number, or has never heard
 * from its store. Never throws: a login must not fail on a switch.
 */
export function knownPosition(issuance: IssuanceSwitch): KnownPosition | undefined {
  try {
    const { enabled, percent, revision = null, stale = false } = issuance();
    if (typeof enabled !== 'boolean' || (enabled && !Number.isFinite(percent))) return undefined;
    // A store that was never reached shows the default position, and that one has no revision.
    if (!enabled && stale && revision === null) return undefined;
    return { enabled, percent: enabled ? percent : 0, revision, stale };
  } catch {
    return undefined;
  }
}
