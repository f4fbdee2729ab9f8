import type { ClaimRule, RejectionReason } from '@crossfade/core';
import type { TokenFacts } from './token-facts.ts';
import type { SideSettings } from './validator-settings.ts';

/** What one side says to a token that is addressed to it. */
export type SideVerdict = 'passed' | RejectionReason;

/**
 * Applies one side's policy to a token of its audience, scope last: a missing scope is the only flaw that a new
 * token of the same kind does not cure (RFC 6750 §3.1).
 */
export function sideVerdict(facts: TokenFacts, side: SideSettings): SideVerdict {
  if (!side.algorithms.has(facts.algorithm)) return 'unsupported_algorithm';
  if (side.typ !== undefined && facts.type !== side.typ) return 'wrong_type';
  if (side.clientIds !== undefined && !isNamedAccessToken(facts)) return 'wrong_type';
  if (!facts.audiences.every((audience) => toleratesAudience(side, audience))) return 'foreign_audience';
  if (side.clients !== undefined && !side.clients.has(facts.clientId ?? '')) return 'client_not_allowed';
  if (!side.claims.every(([name, rule]) => satisfies(facts.claims, name, rule))) return 'claim_not_allowed';
  return side.requiredScope.every((value) => facts.scope.includes(value)) ? 'passed' : 'insufficient_scope';
}

/** Whether a token of this side may carry an audience: its own, its sibling's, or one that the options allow. */
export function toleratesAudience({ toleratedAudiences }: SideSettings, audience: string): boolean {
  return toleratedAudiences === 'any' || toleratedAudiences.has(audience);
}

/** Where no audience tells an access token from others, its issuer has to. */
function isNamedAccessToken({ claims, type }: TokenFacts): boolean {
  return claims['token_use'] === 'access' || type === 'at+jwt';
}

function satisfies(claims: TokenFacts['claims'], name: string, rule: ClaimRule): boolean {
  if (!Object.hasOwn(claims, name)) return false;
  const value = claims[name];
  const held: readonly unknown[] = Array.isArray(value) ? value : [value];
  const allowed: readonly unknown[] = Array.isArray(rule) ? rule : [rule];
  return held.some((entry) => allowed.includes(entry));
}
