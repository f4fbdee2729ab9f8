import type { AudienceClass, ObservedAcceptance, Phase, RejectionReason } from '@crossfade/core';
import type {
  ForwardedHeadersStatus,
  OpenConnectionCounts,
  SidecarStatus,
  StragglerStatus,
} from '@crossfade/core/status';
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
  bridge: { name: 'bridge', meaning: 'verified, carries both audiences' },
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
  proof_required: 'bound to a key, and sent without a proof of it',
  proof_invalid: 'the proof of possession is invalid',
  brownout: 'legacy, in a brownout',
};

/** What to do if the API accepts a token that is rejected for this reason, in one sentence. */
export const REMEDY_LABELS: Readonly<Record<RejectionReason, string>> = {
  missing_token: 'The token stands where the validator ignores it, such as the query: change the client.',
  malformed_token:
    'If the tokens are opaque, give the side its introspection; one without exp has to be minted better.',
  token_too_large: 'Raise maxTokenBytes.',
  unsupported_algorithm: 'List the algorithm in the algorithms of the side.',
  unknown_key: 'Give the side the keys that the API uses.',
  bad_signature: 'Give the side the keys that the API uses.',
  wrong_issuer: 'If the API trusts this issuer, list its spelling in the issuer of the side.',
  wrong_audience:
    'If the API knows this audience as its own, list it in the audience of the side; else correct the client.',
  foreign_audience: 'Leave out foreignAudiences, or list the other audience there.',
  legacy_closed: 'The API did not close: give its validator the acceptance switch, or run crossfade reopen.',
  wrong_type: 'If the API accepts this type, leave out the typ of the side; else correct the client.',
  id_token: 'If it is an access token, correct clients; an ID token is a fault of the client.',
  expired: 'A clock is wrong: correct it, or raise clockTolerance. Else the API does not check exp.',
  not_yet_valid: 'A clock is wrong: correct it, or raise clockTolerance. Else the API does not check nbf.',
  client_not_allowed: 'List the client in the allowedClients of the side.',
  claim_not_allowed: 'Require in the claims of the side what the API requires, no more.',
  insufficient_scope: 'Require in the requiredScope of the side what the API requires, no more.',
  inactive: 'Correct the introspection of the side. An API that caches accepts a revoked token for a while.',
  revoked: 'The API does not check revocation: correct the API.',
  proof_required: 'Set senderConstrained as the API has it; for mTLS, clientCertificateHeader.',
  proof_invalid: 'Set publicUrl and trustedProxies, so that the proof is checked against the URL that the client used.',
  brownout: 'Nothing.',
};

/** What to do about tokens that cannot be verified, if the plan cannot learn to verify them. */
export const UNVERIFIED_REMEDY_LABEL =
  'Rubbish on a route that needs no token: list the route in sidecar.publicPaths, or the reason in gate.acknowledged.';

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

/** Labels what a straggler comes with. */
export function labelStraggler({
  accepted,
  reasons,
  stillMinting,
}: Pick<StragglerStatus, 'accepted' | 'reasons' | 'stillMinting'>): {
  readonly label: string;
  readonly verdict: 'fail' | 'idle';
} {
  if (stillMinting) return { label: 'still minting', verdict: 'fail' };
  if (accepted === 0) return { label: 'refused', verdict: 'fail' };
  return { label: accepted === reasons['bridge'] ? 'bridge' : 'using up', verdict: 'idle' };
}

/** Describes the connections that outlive the tokens that opened them. */
export function describeConnections({ legacy, target, bridge }: OpenConnectionCounts): string {
  const counts = `${formatCount(legacy)} legacy, ${formatCount(target)} target, ${formatCount(bridge)} bridge`;
  return `Open streams: ${counts}.`;
}

/** Describes whose forwarded headers were replaced. */
export function describeReplacedHeaders({ from }: Pick<ForwardedHeadersStatus, 'from'>): string {
  return `X-Forwarded-* of ${from.join(', ')} replaced: see sidecar.trustedProxies.`;
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
