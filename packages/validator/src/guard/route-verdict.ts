import type { AcceptedJudgement, FeatureAccess, Judgement, RejectedJudgement } from '@crossfade/core';
import type { Validator } from '../judge/validator.ts';
import type { RouteRules } from './route-rules.ts';

/** Whether the route exists for somebody with these roles. Without roles, only a public feature does. */
export function isHidden(
  { feature, role }: RouteRules,
  features: FeatureAccess | undefined,
  roles: readonly string[],
): boolean {
  if (feature === undefined) return false;
  const isOpenTo = (one?: string) => features?.hasAccess({ roles, role: one, feature }) === true;
  return role.length === 0 ? !isOpenTo() : !role.some((one) => isOpenTo(one));
}

/**
 * Holds an accepted token against what its route asks for beyond that. Audience first: want of scope is answered
 * with 403, and a client with a legacy token has to learn that it needs another one.
 */
export function heldAgainst(
  token: AcceptedJudgement,
  { scope, audience }: RouteRules,
  validator: Pick<Validator, 'openSides'>,
): Judgement {
  if (audience === 'target' && token.afterClose === 'rejected') return rejected(token, { reason: 'legacy_closed' });
  if (scope.every((value) => token.scope.includes(value))) return token;
  const side = token.audience === 'legacy' ? 'legacy' : 'target';
  const required = validator.openSides().find((open) => open.side === side)?.requiredScope ?? [];
  return rejected(token, { reason: 'insufficient_scope', scope: [...new Set([...required, ...scope])] });
}

function rejected(
  { audience }: AcceptedJudgement,
  why: Pick<RejectedJudgement, 'reason' | 'scope'>,
): RejectedJudgement {
  return { outcome: 'rejected', audience, ...why };
}
