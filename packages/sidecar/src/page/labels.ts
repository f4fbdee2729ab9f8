import type { AudienceClass, ObservedAcceptance, Phase, RejectionReason } from '@crossfade/core';
import type { SidecarStatus } from '@crossfade/core/status';
import type { MarkShown } from './dashboard-state.ts';

/** What each phase means, in one sentence. */
export const PHASE_LABELS: Readonly<Record<Phase, string>> = {
  prepare: 'Nothing has moved yet: the API accepts legacy tokens only, and every login asks for them.',
  expand: 'The API accepts both audiences; every login still asks for legacy.',
  migrate: 'Logins are moving over to the target audience; the API accepts both.',
  drain: 'Every login asks for target. Legacy tokens issued earlier are still being used up.',
  contract: 'The legacy audience is closed: the API accepts target tokens only.',
};

export const CLASS_LABELS: Readonly<Record<AudienceClass, { readonly name: string; readonly meaning: string }>> = {
  legacy: { name: 'legacy', meaning: 'verified, for the legacy audience' },
  target: { name: 'target', meaning: 'verified, for the target audience' },
  bridge: { name: 'both', meaning: 'verified, carries both audiences' },
  foreign: { name: 'foreign', meaning: 'verified, for neither audience' },
  opaque: { name: 'opaque', meaning: 'not a JWT, and no introspection endpoint' },
  invalid: { name: 'invalid', meaning: 'could not be verified' },
  none: { name: 'none', meaning: 'no token' },
};

export const REASON_LABELS: Readonly<Record<RejectionReason, string>> = {
  missing_token: 'the request had no token',
  malformed_token: 'could not be parsed',
  token_too_large: 'longer than the limit',
  unsupported_algorithm: 'signed with an algorithm that is not allowed',
  unknown_key: 'signed with a key that the issuer does not publish',
  bad_signature: 'the signature does not verify',
  wrong_issuer: 'from an issuer of neither side',
  wrong_audience: 'for neither audience',
  foreign_audience: 'for another audience as well',
  legacy_closed: 'legacy, after the close',
  wrong_type: 'its type is not that of an access token',
  id_token: 'an ID token',
  expired: 'expired',
  not_yet_valid: 'not valid yet',
  client_not_allowed: 'from a client that is not allowed',
  claim_not_allowed: 'a claim does not have the value that the plan requires',
  insufficient_scope: 'lacks the required scope',
  inactive: 'inactive at its issuer: revoked or expired',
  revoked: 'revoked before it expired',
  proof_required: 'bound to a key; a sidecar cannot check the proof',
  proof_invalid: 'the proof of possession is invalid',
};

export function describeIssuance(percent: number): string {
  if (percent <= 0) return 'every login asks for legacy';
  if (percent >= 100) return 'every login asks for target';
  return `${percent} % of logins ask for target`;
}

export function describeAcceptance(acceptance: ObservedAcceptance): string {
  return acceptance === 'both' ? 'accepts legacy and target' : `accepts ${acceptance} only`;
}

/** Says where the acceptance comes from. */
export function describeAcceptanceSource(shown: SidecarStatus['shown'], enforces: boolean): string {
  if (enforces) return 'decided here';
  const seen = [shown.legacy, shown.target].filter((known) => known !== null).length;
  if (seen === 2) return 'as its responses show';
  return seen === 1
    ? 'partly as its responses show, else by the switches'
    : 'by the switches; its responses do not show it yet';
}

/** Labels a change of phase or switch in the chart. `before` is absent for the first one. */
export function labelMark({ phase, percent }: MarkShown, before: MarkShown | undefined): string {
  if (before !== undefined && phase === 'expand' && before.percent > 0) return 'rollback';
  if (phase === 'contract') return 'closed';
  return phase === 'migrate' ? `${percent} %` : phase;
}

/** Describes a change of phase or switch in a sentence. */
export function describeMark(mark: MarkShown, before: MarkShown | undefined): string {
  const sentence = `${mark.phase}: ${describeIssuance(mark.percent)}, the API ${describeAcceptance(mark.acceptance)}`;
  return before === undefined ? `${sentence} (when the history began)` : sentence;
}

export function formatCount(count: number): string {
  return count.toLocaleString('en');
}

/** Formats a share of 0..1 in percent; shows 0 and 100 only for exactly these. */
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

/** Formats a duration in its two largest units: `3 h 2 min`. */
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

/** Formats how long ago a time was. */
export function formatAgo(iso: string | null, nowMs: number): string {
  if (iso === null) return 'never';
  const ms = nowMs - Date.parse(iso);
  return ms < 1000 ? 'just now' : `${formatSpan(ms)} ago`;
}

/** Formats a time of day, with the date if it is another day. */
export function formatTime(timeMs: number, nowMs: number): string {
  const time = new Date(timeMs);
  const clock = time.toLocaleTimeString('en-GB');
  if (time.toDateString() === new Date(nowMs).toDateString()) return clock;
  return `${time.toLocaleDateString('en-GB', { day: 'numeric', month: 'short' })} ${clock}`;
}
