import { type Acceptance, classifyAudience, type Judgement, type RejectionReason } from '@crossfade/core';
import { type SideVerdict, sideVerdict } from './side-verdict.ts';
import type { TokenFacts } from './token-facts.ts';
import { tokenKind } from './token-kind.ts';
import type { ValidatorSettings } from './validator-settings.ts';

/** The settings a decision depends on. */
export type Rules = Pick<ValidatorSettings, 'legacy' | 'target' | 'clientIds' | 'clockToleranceSeconds'>;

/** What changes from one request to the next. */
export interface Circumstances {
  readonly acceptance: Acceptance;
  readonly nowSeconds: number;
  /** Scope that the request needs beyond what the side requires. */
  readonly scope: readonly string[];
}

/** Decides about a *verified* token. Pure: the same facts, rules and circumstances give the same judgement. */
export function decide(facts: TokenFacts, rules: Rules, { acceptance, nowSeconds, scope }: Circumstances): Judgement {
  const audience = classifyAudience(facts, { legacy: rules.legacy, target: rules.target ?? NO_SIDE });
  const kind = tokenKind(facts, rules);
  if (kind !== 'access') return rejected(audience, kind === 'id' ? 'id_token' : 'wrong_type');
  if (audience === 'foreign') return rejected(audience, 'wrong_audience');
  const untimely = timeRejection(facts, nowSeconds, rules.clockToleranceSeconds);
  if (untimely !== undefined) return rejected(audience, untimely);
  // A stolen token must not be worth more here than where proof is asked for (RFC 9449 §1, RFC 8705 §3).
  if (facts.isBound) return rejected(audience, 'proof_required');

  const legacy = audience === 'target' ? NOT_ADDRESSED : sideVerdict(facts, rules.legacy, scope);
  const target =
    audience === 'legacy' || rules.target === undefined ? NOT_ADDRESSED : sideVerdict(facts, rules.target, scope);
  const isClosed = acceptance === 'target' && rules.target !== undefined;
  const legacyNow = isClosed ? whileClosed(legacy) : legacy;
  if (target === 'passed' || legacyNow === 'passed') {
    return accepted(facts, audience, target === 'passed' ? 'accepted' : 'rejected');
  }
  if (target !== NOT_ADDRESSED) return rejected(audience, target, [...(rules.target?.requiredScope ?? []), ...scope]);
  return rejected(audience, legacyNow, [...rules.legacy.requiredScope, ...scope]);
}

/** While there is no target side, no token can be addressed to it: a verified token has an issuer. */
const NO_SIDE = { issuer: '' };
const NOT_ADDRESSED = 'wrong_audience' satisfies SideVerdict;

/** A closed side refuses what it would have taken. Even for want of scope it says so: a new token is what helps. */
function whileClosed(verdict: SideVerdict): RejectionReason {
  return verdict === 'passed' || verdict === 'insufficient_scope' ? 'legacy_closed' : verdict;
}

function timeRejection(facts: TokenFacts, nowSeconds: number, toleranceSeconds: number): RejectionReason | undefined {
  if (facts.expiresAt <= nowSeconds - toleranceSeconds) return 'expired';
  const startsAt = Math.max(facts.notBefore ?? -Infinity, facts.issuedAt ?? -Infinity);
  return startsAt > nowSeconds + toleranceSeconds ? 'not_yet_valid' : undefined;
}

function accepted(
  facts: TokenFacts,
  audience: 'legacy' | 'target' | 'bridge',
  afterClose: 'accepted' | 'rejected',
): Judgement {
  const { subject, clientId, scope, roles, issuedAt, expiresAt, claims } = facts;
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
