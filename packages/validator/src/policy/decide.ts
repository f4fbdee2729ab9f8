import {
  type Acceptance,
  attachRejectedToken,
  type Judgement,
  type RejectedJudgement,
  type RejectionReason,
} from '@crossfade/core';
import type { ProofOfPossession } from '../dpop/proof-of-possession.ts';
import type { OwnFacts } from '../jwt/token-facts.ts';
import type { SharedTokenData } from './shared-token-data.ts';
import type { Policy } from './side-settings.ts';
import type { SideVerdict } from './side-verdict.ts';

/** The settings that a decision depends on. */
export interface Rules extends Policy {
  readonly clockToleranceSeconds: number;
}

/** What differs from one request to the next. */
export interface Circumstances {
  readonly acceptance: Acceptance;
  readonly nowSeconds: number;
  /** Scope values that the request needs, beyond what the side requires. */
  readonly scope: readonly string[];
  /** What is wrong with the proof that a bound token needs. */
  readonly possessionFlaw: ProofOfPossession['flaw'];
}

/**
 * Decides about a *verified* token. Pure: the same facts, rules and circumstances give the same judgement.
 * @param shared - holds the evaluation of the token by the same `rules`.
 */
export function decide(
  facts: OwnFacts,
  shared: SharedTokenData,
  rules: Rules,
  { acceptance, nowSeconds, scope, possessionFlaw }: Circumstances,
): Judgement {
  const { evaluation } = shared;
  const timeReason = timeReasonOf(facts, nowSeconds, rules.clockToleranceSeconds);
  if (evaluation.flaw !== undefined) return rejected(facts, shared, evaluation.flaw, timeReason === 'expired');
  if (timeReason !== undefined) return rejected(facts, shared, timeReason, timeReason === 'expired');
  const { audience } = evaluation;
  // A bound token needs its proof on either side, or a stolen one would work on the laxer one (RFC 9449 §1, RFC 8705 §3).
  if (possessionFlaw !== undefined) return rejected(facts, shared, possessionFlaw);

  const hasScope = scope.length === 0 || scope.every((value) => shared.scope.includes(value));
  const legacy = withScope(evaluation.legacy, hasScope);
  const target = withScope(evaluation.target, hasScope);
  const isClosed = acceptance === 'target' && rules.target !== undefined;
  const legacyNow = isClosed ? reasonWhenClosed(legacy) : legacy;
  if (target === 'passed' || legacyNow === 'passed') {
    // A token of both audiences has the target's roles, which it keeps after the close, not those of both.
    return target === 'passed'
      ? accepted(facts, shared, audience, 'accepted', evaluation.roles.target)
      : accepted(facts, shared, audience, 'rejected', evaluation.roles.legacy);
  }
  const [reason, side] = target === 'wrong_audience' ? [legacyNow, rules.legacy] : [target, rules.target];
  const needed = reason === 'insufficient_scope' ? [...(side?.requiredScope ?? []), ...scope] : undefined;
  return rejected(facts, shared, reason, false, needed);
}

/** A side's verdict once the scope of the request counts, too. */
function withScope(verdict: SideVerdict, hasScope: boolean): SideVerdict {
  return verdict === 'passed' && !hasScope ? 'insufficient_scope' : verdict;
}

/** A closed side rejects with `legacy_closed` even if scope is also missing, because only a new token helps. */
function reasonWhenClosed(verdict: SideVerdict): RejectionReason {
  return verdict === 'passed' || verdict === 'insufficient_scope' ? 'legacy_closed' : verdict;
}

/** `iat` tells the age of a token, and is no condition of its validity (RFC 7519 §4.1.6). */
function timeReasonOf(facts: OwnFacts, nowSeconds: number, toleranceSeconds: number): RejectionReason | undefined {
  if (facts.expiresAt <= nowSeconds - toleranceSeconds) return 'expired';
  const { notBefore } = facts;
  return notBefore !== undefined && notBefore > nowSeconds + toleranceSeconds ? 'not_yet_valid' : undefined;
}

function accepted(
  facts: OwnFacts,
  { clientId, scope }: SharedTokenData,
  audience: 'legacy' | 'target' | 'bridge',
  afterClose: 'accepted' | 'rejected',
  roles: readonly string[],
): Judgement {
  const { subject, issuedAt, expiresAt, claims } = facts;
  return { outcome: 'accepted', audience, afterClose, subject, clientId, scope, roles, issuedAt, expiresAt, claims };
}

function rejected(
  { issuedAt, expiresAt }: OwnFacts,
  { clientId, evaluation }: SharedTokenData,
  reason: RejectionReason,
  expired = false,
  scope?: readonly string[],
): RejectedJudgement {
  const afterClose = evaluation.flaw === undefined && evaluation.target === 'passed' ? 'accepted' : 'rejected';
  const judgement: RejectedJudgement = {
    outcome: 'rejected',
    audience: evaluation.audience,
    reason,
    ...(scope !== undefined && { scope: [...new Set(scope)] }),
  };
  return attachRejectedToken(judgement, { clientId, issuedAt, expiresAt, expired, afterClose });
}
