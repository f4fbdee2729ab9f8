import type { Acceptance, Judgement, RejectionReason } from '@crossfade/core';
import type { ProofOfPossession } from '../dpop/proof-of-possession.ts';
import type { OwnFacts } from '../jwt/token-facts.ts';
import type { TokenGroup } from './shared-token-data.ts';
import type { Policy } from './side-settings.ts';
import type { SideVerdict } from './side-verdict.ts';

/** The settings a decision depends on. */
export interface Rules extends Policy {
  readonly clockToleranceSeconds: number;
}

/** What changes from one request to the next. */
export interface Circumstances {
  readonly acceptance: Acceptance;
  readonly nowSeconds: number;
  /** Scope that the request needs beyond what the side requires. */
  readonly scope: readonly string[];
  /** What is wrong with the proof that a bound token asks for. */
  readonly possessionFlaw: ProofOfPossession['flaw'];
}

/**
 * Decides about a *verified* token. Pure: the same facts, rules and circumstances give the same judgement.
 * @param group - with what the same `rules` make of the token.
 */
export function decide(
  facts: OwnFacts,
  group: TokenGroup,
  rules: Rules,
  { acceptance, nowSeconds, scope, possessionFlaw }: Circumstances,
): Judgement {
  const { standing } = group;
  if (standing.flaw !== undefined) return rejected(standing.audience, standing.flaw);
  const { audience } = standing;
  const untimely = timeRejection(facts, nowSeconds, rules.clockToleranceSeconds);
  if (untimely !== undefined) return rejected(audience, untimely);
  // A stolen token must not be worth more here than where proof is asked for (RFC 9449 §1, RFC 8705 §3).
  if (possessionFlaw !== undefined) return rejected(audience, possessionFlaw);

  const hasScope = scope.length === 0 || scope.every((value) => group.scope.includes(value));
  const legacy = withScope(standing.legacy, hasScope);
  const target = withScope(standing.target, hasScope);
  const isClosed = acceptance === 'target' && rules.target !== undefined;
  const legacyNow = isClosed ? whileClosed(legacy) : legacy;
  if (target === 'passed' || legacyNow === 'passed') {
    // A token of both audiences has the roles that it keeps after the close, not those of both.
    return target === 'passed'
      ? accepted(facts, group, audience, 'accepted', standing.roles.target)
      : accepted(facts, group, audience, 'rejected', standing.roles.legacy);
  }
  if (target !== 'wrong_audience')
    return rejected(audience, target, [...(rules.target?.requiredScope ?? []), ...scope]);
  return rejected(audience, legacyNow, [...rules.legacy.requiredScope, ...scope]);
}

/** What a side says once the scope of the request counts, too. */
function withScope(verdict: SideVerdict, hasScope: boolean): SideVerdict {
  return verdict === 'passed' && !hasScope ? 'insufficient_scope' : verdict;
}

/** A closed side refuses what it would have taken. Even for want of scope it says so: a new token is what helps. */
function whileClosed(verdict: SideVerdict): RejectionReason {
  return verdict === 'passed' || verdict === 'insufficient_scope' ? 'legacy_closed' : verdict;
}

function timeRejection(facts: OwnFacts, nowSeconds: number, toleranceSeconds: number): RejectionReason | undefined {
  if (facts.expiresAt <= nowSeconds - toleranceSeconds) return 'expired';
  const startsAt = Math.max(facts.notBefore ?? -Infinity, facts.issuedAt ?? -Infinity);
  return startsAt > nowSeconds + toleranceSeconds ? 'not_yet_valid' : undefined;
}

function accepted(
  facts: OwnFacts,
  { clientId, scope }: TokenGroup,
  audience: 'legacy' | 'target' | 'bridge',
  afterClose: 'accepted' | 'rejected',
  roles: readonly string[],
): Judgement {
  const { subject, issuedAt, expiresAt, claims } = facts;
  return { outcome: 'accepted', audience, afterClose, subject, clientId, scope, roles, issuedAt, expiresAt, claims };
}

function rejected(
  audience: 'legacy' | 'target' | 'bridge' | 'foreign',
  reason: RejectionReason,
  scope: readonly string[] = [],
): Judgement {
  if (reason !== 'insufficient_scope') return { outcome: 'rejected', audience, reason };
  return { outcome: 'rejected', audience, reason, scope: [...new Set(scope)] };
}
