import type { Phase } from '@crossfade/core';
import type { SidecarStatus } from '@crossfade/core/status';
import { describeShown, faultShown } from '../fleet/api-shown.ts';
import type { PositionShown } from '../page/dashboard-state.ts';
import { describeIssuance } from '../page/labels.ts';

/** What each phase means, in one sentence. */
const PHASE_LABELS: Readonly<Record<Phase, string>> = {
  prepare: 'Nothing has moved yet: the API accepts legacy tokens only, and every login asks for them.',
  expand: 'The API accepts both audiences; every login still asks for legacy.',
  migrate: 'Logins are moving over to the target audience; the API accepts both.',
  drain: 'Every login asks for target. Legacy tokens issued earlier are still being used up.',
  contract: 'The legacy audience is closed: the API accepts target tokens only.',
};

/** Describes the phase and the two switches. What is not known is called unknown. */
export function readPosition(status: SidecarStatus, enforces: boolean): PositionShown {
  return {
    phase: PHASE_LABELS[status.phase],
    issuance: describePosition(status),
    api: describeShown(status.shown),
    apiSource: describeShownSource(status, enforces),
    isApiWrong: faultShown(status) !== null,
  };
}

/** Says where it comes from what the API accepts. */
function describeShownSource({ shown, phase }: Pick<SidecarStatus, 'shown' | 'phase'>, enforces: boolean): string {
  if (enforces) return 'decided here';
  if (shown.legacy !== null || shown.target !== null) return 'as its responses show';
  return `no response shows it yet; the switch says ${phase === 'contract' ? 'target' : 'both'}`;
}

/** Describes the position of the issuance switch; until flags were read, it is unknown. */
function describePosition({ flags, issuance }: Pick<SidecarStatus, 'flags' | 'issuance'>): string {
  const isUnread = flags.ageSeconds === null && flags.revision === null && (flags.hash ?? null) === null;
  return isUnread
    ? `unknown: no flags were read yet; until then ${describeIssuance(0)}`
    : describeIssuance(issuance.percent);
}
