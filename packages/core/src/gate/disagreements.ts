import { formatDuration } from '../vocabulary/duration.ts';
import { type RejectionReason, UNVERIFIED_REASONS } from '../vocabulary/rejection-reason.ts';
import type { Disagreements, MeterEvidence } from './evidence.ts';

/** Adds up the disagreements of all meters. Leaves out meters that do not report them. */
export function mergeDisagreements(meters: readonly Pick<MeterEvidence, 'disagreements'>[]): Disagreements {
  const reasons: Record<string, number> = {};
  let lastVerifiedMs: number | null = null;
  let lastUnverifiedMs: number | null = null;
  for (const { disagreements } of meters) {
    if (disagreements === null) continue;
    lastVerifiedMs = later(lastVerifiedMs, disagreements.lastVerifiedMs);
    lastUnverifiedMs = later(lastUnverifiedMs, disagreements.lastUnverifiedMs);
    for (const [reason, count] of Object.entries(disagreements.reasons))
      reasons[reason] = (reasons[reason] ?? 0) + count;
  }
  return { lastVerifiedMs, lastUnverifiedMs, reasons };
}

/** Whether the tokens that the plan refuses and the API accepted were verified as our issuer's. */
export type DisagreementKind = 'verified' | 'unverified';

const TOKENS = {
  verified: 'verified tokens that the plan refuses',
  unverified: 'tokens that cannot be verified',
} as const;
const REMEDY = {
  verified: 'name their clients (crossfade stragglers), and make the plan accept what the API accepts',
  unverified:
    'give the plan what verifies them (keys, introspection, maxTokenBytes), or list routes that need no token in sidecar.publicPaths, or the reasons in gate.acknowledged',
} as const;

const PROOF_REMEDY =
  'tell the sidecar how clients reach the API (sidecar.publicUrl, trustedProxies, clientCertificateHeader)';
/** What to do where no plan can accept what the API accepts, or more than the plan is needed. */
const REMEDY_OF_REASON: Readonly<Partial<Record<RejectionReason, string>>> = {
  proof_required: PROOF_REMEDY,
  proof_invalid: PROOF_REMEDY,
  legacy_closed:
    'legacy is closed and the API takes it: give its validator the acceptance switch, or reopen (crossfade reopen)',
  revoked: 'the API does not ask the denylist: correct the API',
  missing_token: 'the token stands where no validator of ours looks: change its clients (crossfade stragglers)',
};

/** Describes the disagreements of one kind for the operator: which, how many, when, and what to do. */
export function describeDisagreements(
  kind: DisagreementKind,
  { lastVerifiedMs, lastUnverifiedMs, reasons }: Disagreements,
  windowMs: number,
  nowMs: number,
): string {
  const lastMs = kind === 'verified' ? lastVerifiedMs : lastUnverifiedMs;
  const ago = lastMs === null ? 'never' : `${formatDuration(nowMs - lastMs)} ago`;
  const named = ofKind(reasons, kind);
  // A verified token may be malformed, too: one without `exp`, for example.
  const own = kind === 'verified' && Object.keys(named).length === 0 ? reasons : named;
  return `the API accepted ${TOKENS[kind]} (${describeReasons(own)}; last ${ago}; the window is ${formatDuration(windowMs)}): ${remedyOf(kind, own)}`;
}

function remedyOf(kind: DisagreementKind, reasons: Disagreements['reasons']): string {
  const remedies = Object.keys(reasons).map((reason) => REMEDY_OF_REASON[reason as RejectionReason] ?? REMEDY[kind]);
  return remedies.length === 0 ? REMEDY[kind] : [...new Set(remedies)].join('; ');
}

function ofKind(reasons: Disagreements['reasons'], kind: DisagreementKind): Disagreements['reasons'] {
  const unverified: readonly string[] = UNVERIFIED_REASONS;
  const isOfKind = ([reason]: [string, number]) => unverified.includes(reason) === (kind === 'unverified');
  return Object.fromEntries(Object.entries(reasons).filter(isOfKind));
}

/** Lists reasons with their counts, the most frequent first: `id_token 12, expired 1`. */
export function describeReasons(reasons: Disagreements['reasons']): string {
  const counts = Object.entries(reasons).filter(([, count]) => count > 0);
  const sorted = counts.toSorted(([, one], [, other]) => other - one);
  return sorted.map(([reason, count]) => `${reason} ${count}`).join(', ') || 'reasons unknown';
}

function later(one: number | null, other: number | null): number | null {
  if (one === null || other === null) return one ?? other;
  return Math.max(one, other);
}
