import type { AudienceClass, ObservedAcceptance, Phase, RejectionReason } from '@crossfade/core';
import type { MarkShown, StatusShown } from './dashboard-state.ts';

/** What each phase means for who watches, in one sentence. */
export const PHASE_WORDS: Readonly<Record<Phase, string>> = {
  prepare: 'Nothing has moved yet: the API accepts legacy tokens only, and every login asks for them.',
  expand: 'The API accepts both audiences; every login still asks for legacy.',
  migrate: 'Logins are moving over to the target audience; the API accepts both.',
  drain: 'Every login asks for target. The legacy tokens that are still out are being used up.',
  contract: 'The legacy audience is closed: the API accepts target tokens only.',
};

export const CLASS_WORDS: Readonly<Record<AudienceClass, { readonly name: string; readonly meaning: string }>> = {
  legacy: { name: 'legacy', meaning: 'verified, for the legacy audience' },
  target: { name: 'target', meaning: 'verified, for the target audience' },
  bridge: { name: 'both', meaning: 'verified, carries both audiences' },
  foreign: { name: 'foreign', meaning: 'verified, for neither audience' },
  opaque: { name: 'opaque', meaning: 'no JWT, nobody to ask about it' },
  invalid: { name: 'invalid', meaning: 'could not be verified' },
  none: { name: 'none', meaning: 'no token' },
};

export const REASON_WORDS: Readonly<Record<RejectionReason, string>> = {
  missing_token: 'the request had no token',
  malformed_token: 'no token that could be read',
  token_too_large: 'longer than a token may be',
  unsupported_algorithm: 'signed with an algorithm that is not taken',
  unknown_key: 'signed with a key the issuer does not publish',
  bad_signature: 'the signature does not fit',
  wrong_issuer: 'another issuer than either side has',
  wrong_audience: 'for neither audience',
  foreign_audience: 'for somebody else as well',
  legacy_closed: 'legacy, after the close',
  wrong_type: 'no access token by its type',
  id_token: 'an ID token',
  expired: 'its time was over',
  not_yet_valid: 'its time has not come',
  client_not_allowed: 'from a client that is not let in',
  claim_not_allowed: 'a claim is not as the plan wants it',
  insufficient_scope: 'lacks the required scope',
  inactive: 'its issuer says it is revoked or over',
  proof_required: 'bound to a key; a sidecar can not check the proof',
  proof_invalid: 'the proof of possession does not fit',
};

export function describeIssuance(percent: number): string {
  if (percent <= 0) return 'every login asks for legacy';
  if (percent >= 100) return 'every login asks for target';
  return `${percent} % of logins ask for target`;
}

export function describeAcceptance(acceptance: ObservedAcceptance): string {
  return acceptance === 'both' ? 'accepts legacy and target' : `accepts ${acceptance} only`;
}

/** How it is known what the API accepts. */
export function describeAcceptanceSource(shown: StatusShown['shown'], enforces: boolean): string {
  if (enforces) return 'decided here';
  const seen = [shown.legacy, shown.target].filter((known) => known !== null).length;
  if (seen === 2) return 'as its answers show';
  return seen === 1
    ? 'in part as its answers show, else by the switches'
    : 'by the switches; its answers do not tell yet';
}

/** A change of phase or switch, short enough for the picture. `before` is absent for the first one. */
export function labelMark({ phase, percent }: MarkShown, before: MarkShown | undefined): string {
  if (before !== undefined && phase === 'expand' && before.percent > 0) return 'rollback';
  if (phase === 'contract') return 'closed';
  return phase === 'migrate' ? `${percent} %` : phase;
}

/** A change of phase or switch as a sentence. */
export function describeMark(mark: MarkShown, before: MarkShown | undefined): string {
  const sentence = `${mark.phase}: ${describeIssuance(mark.percent)}, the API ${describeAcceptance(mark.acceptance)}`;
  return before === undefined ? `${sentence} (when the history began)` : sentence;
}

export function formatCount(count: number): string {
  return count.toLocaleString('en');
}

/** A share of 0..1 in percent; never 0 or 100 unless it is exactly that. */
export function formatShare(share: number | null): string {
  if (share === null) return '–';
  if (share === 0 || share === 1) return `${share * 100} %`;
  return `${Math.min(99.9, Math.max(0.1, share * 100)).toFixed(1)} %`;
}

const UNITS = [
  ['d', 86_400],
  ['h', 3600],
  ['min', 60],
  ['s', 1],
] as const;

/** A length of time in its two largest units: `3 h 2 min`. */
export function formatSpan(ms: number): string {
  let rest = Math.max(0, Math.round(ms / 1000));
  const parts: string[] = [];
  for (const [unit, seconds] of UNITS) {
    const count = Math.floor(rest / seconds);
    rest -= count * seconds;
    if (count > 0) parts.push(`${count} ${unit}`);
    else if (parts.length > 0) break;
  }
  return parts.slice(0, 2).join(' ') || '0 s';
}

/** How long ago a time was. */
export function formatAgo(iso: string | null, nowMs: number): string {
  if (iso === null) return 'never';
  const ms = nowMs - Date.parse(iso);
  return ms < 1000 ? 'just now' : `${formatSpan(ms)} ago`;
}

/** A time of day, with the date where it is another day. */
export function formatTime(timeMs: number, nowMs: number): string {
  const time = new Date(timeMs);
  const clock = time.toLocaleTimeString('en-GB');
  if (time.toDateString() === new Date(nowMs).toDateString()) return clock;
  return `${time.toLocaleDateString('en-GB', { day: 'numeric', month: 'short' })} ${clock}`;
}
