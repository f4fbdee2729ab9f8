import { classifyAudience, type MigrationClass, type RejectionReason, type Side } from '@crossfade/core';
import type { TokenFacts } from '../jwt/token-facts.ts';
import { readTokenRoles } from '../jwt/token-roles.ts';
import type { Policy } from './side-settings.ts';
import { type SideVerdict, sideVerdict } from './side-verdict.ts';
import { tokenKind } from './token-kind.ts';

/**
 * The part of a judgement that depends only on a *verified* token and the options, not on the acceptance switch, the
 * clock or the request. Evaluated once per token.
 */
export type PolicyEvaluation = Flawed | Eligible;

/** A token that is rejected whatever the switch, the clock and the request are. */
interface Flawed {
  readonly audience: MigrationClass | 'foreign';
  readonly flaw: RejectionReason;
}

interface Eligible {
  readonly audience: MigrationClass;
  readonly flaw?: undefined;
  /** Each side's verdict; `wrong_audience` from a side that the token is not addressed to. */
  readonly legacy: SideVerdict;
  readonly target: SideVerdict;
  /** The roles that each side reads: the sides may name different claims. */
  readonly roles: Readonly<Record<Side, readonly string[]>>;
}

/** Stands for an absent target side. It matches no token, because a verified token has an issuer. */
export const NO_SIDE = { issuer: '' };
const NOT_ADDRESSED = 'wrong_audience' satisfies SideVerdict;

/** Evaluates a *verified* token against the policies of both sides. */
export function evaluatePolicy(facts: TokenFacts, policy: Policy): PolicyEvaluation {
  const { legacy, target } = policy;
  const audience = classifyAudience(facts, { legacy: legacy.identity, target: target?.identity ?? NO_SIDE });
  const kind = tokenKind(facts, policy);
  if (kind !== 'access') return { audience, flaw: kind === 'id' ? 'id_token' : 'wrong_type' };
  if (audience === 'foreign') return { audience, flaw: 'wrong_audience' };
  return {
    audience,
    legacy: audience === 'target' ? NOT_ADDRESSED : sideVerdict(facts, legacy, policy),
    target: audience === 'legacy' || target === undefined ? NOT_ADDRESSED : sideVerdict(facts, target, policy),
    roles: {
      legacy: readTokenRoles(facts.claims, legacy.rolesClaim),
      target: readTokenRoles(facts.claims, target?.rolesClaim),
    },
  };
}
