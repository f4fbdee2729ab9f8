import type { Phase } from '@crossfade/core';
import type { SidecarStatus } from '@crossfade/core/status';
import type { ApiFault } from '../page/fleet-state.ts';

/** Describes what the API accepts, as far as it is known. */
export function describeShown({ legacy, target }: SidecarStatus['shown']): string {
  if (legacy === null && target === null) return 'unknown';
  const known = (isAccepted: boolean) => [legacy === isAccepted && 'legacy', target === isAccepted && 'target'];
  const taken = known(true).filter((side) => side !== false);
  const refused = known(false).filter((side) => side !== false);
  const unknown = legacy === null ? '; legacy unknown' : target === null ? '; target unknown' : '';
  if (taken.length === 0) return `refuses ${refused.join(' and ')}${unknown}`;
  return `accepts ${taken.join(' and ')}${refused.length > 0 ? ' only' : ''}${unknown}`;
}

/** Returns what is wrong with what the API accepts now; `null` if nothing, or if it is not known. */
export function faultShown({
  shown: { legacy, target },
  phase,
}: {
  readonly shown: SidecarStatus['shown'];
  readonly phase: Phase | null;
}): ApiFault | null {
  if (phase === null) return null;
  const isRefusing = (legacy === false && phase !== 'contract') || (target === false && phase !== 'prepare');
  if (isRefusing) return 'refuses_valid_tokens';
  return phase === 'contract' && legacy === true ? 'takes_closed_legacy' : null;
}
