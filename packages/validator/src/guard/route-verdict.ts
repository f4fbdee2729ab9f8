import { type AcceptedJudgement, type FeatureAccess, type Judgement, rejectAccepted } from '@crossfade/core';
import type { Validator } from '../judge/validator.ts';
import type { RouteRules } from './route-rules.ts';

/** Whether the route does not exist for a caller with these roles. A route without a role needs a public feature. */
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
 * Checks an accepted token against what its route demands beyond that. Audience first: a missing scope means 403, and
 * a client with a legacy token has to learn that it needs a new one.
 */
export function checkRouteRules(
  token: AcceptedJudgement,
  { scope, audience }: RouteRules,
  validator: Pick<Validator, 'openSides'>,
): Judgement {
  if (audience === 'target' && token.afterClose === 'rejected')
    return rejectAccepted(token, { reason: 'legacy_closed' });
  if (scope.every((value) => token.scope.includes(value))) return token;
  const side = token.audience === 'legacy' ? 'legacy' : 'target';
  const required = validator.openSides().find((open) => open.side === side)?.requiredScope ?? [];
  return rejectAccepted(token, { reason: 'insufficient_scope', scope: [...new Set([...required, ...scope])] });
}
