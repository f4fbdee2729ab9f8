import { classifyAudience, type MigrationClass, type RejectionReason, type Side } from '@crossfade/core';
import type { TokenFacts } from '../jwt/token-facts.ts';
import { readTokenRoles } from '../jwt/token-roles.ts';
import type { Policy } from './side-settings.ts';
import { type SideVerdict, sideVerdict } from './side-verdict.ts';
import { tokenKind } from './token-kind.ts';

/**
 * What the options make of a *verified* token, whatever the acceptance switch, the clock and the request say: worked
 * out once a token, and no verdict yet.
 */
export type Standing = Flawed | Eligible;

/** Nothing a switch, the clock or a request could mend. */
interface Flawed {
  readonly audience: MigrationClass | 'foreign';
  readonly flaw: RejectionReason;
}

interface Eligible {
  readonly audience: MigrationClass;
  readonly flaw?: undefined;
  /** What each side says to it; a side it is not addressed to says `wrong_audience`. */
  readonly legacy: SideVerdict;
  readonly target: SideVerdict;
  /** The roles each side reads in it: they may name them in different claims. */
  readonly roles: Readonly<Record<Side, readonly string[]>>;
}

/** While there is no target side, no token can be addressed to it: a verified token has an issuer. */
const NO_SIDE = { issuer: '' };
const NOT_ADDRESSED = 'wrong_audience' satisfies SideVerdict;

export function standingOf(facts: TokenFacts, policy: Policy): Standing {
  const { legacy, target } = policy;
  const audience = classifyAudience(facts, { legacy, target: target ?? NO_SIDE });
  const kind = tokenKind(facts, policy);
  if (kind !== 'access') return { audience, flaw: kind === 'id' ? 'id_token' : 'wrong_type' };
  if (audience === 'foreign') return { audience, flaw: 'wrong_audience' };
  return {
    audience,
    legacy: audience === 'target' ? NOT_ADDRESSED : sideVerdict(facts, legacy),
    target: audience === 'legacy' || target === undefined ? NOT_ADDRESSED : sideVerdict(facts, target),
    roles: {
      legacy: readTokenRoles(facts.claims, legacy.rolesClaim),
      target: readTokenRoles(facts.claims, target?.rolesClaim),
    },
  };
}
