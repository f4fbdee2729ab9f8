import type { ClaimRule, RejectionReason } from '@crossfade/core';
import { declaredTokenKinds } from '../jwt/declared-token-kinds.ts';
import { hasNoAudience, type TokenFacts } from '../jwt/token-facts.ts';
import type { SideSettings } from './side-settings.ts';

/** One side's verdict on a token that is addressed to it. */
export type SideVerdict = 'passed' | RejectionReason;

/**
 * Applies one side's policy to a token of its audience. Scope comes last: a missing scope is the only flaw that a new
 * token of the same kind does not cure (RFC 6750 §3.1).
 */
export function sideVerdict(facts: TokenFacts, side: SideSettings): SideVerdict {
  const flaw = facts.algorithm === undefined ? opaqueFlaw(facts, side) : jwtFlaw(facts, facts.algorithm, side);
  if (flaw !== undefined) return flaw;
  if (!facts.audiences.every((audience) => toleratesAudience(side, audience))) return 'foreign_audience';
  if (side.allowedClients !== undefined && !side.allowedClients.has(facts.clientId ?? '')) return 'client_not_allowed';
  if (!side.claims.every(([name, rule]) => satisfies(facts.claims, name, rule))) return 'claim_not_allowed';
  if (!isConstrainedAs(facts.binding, side.senderConstrained)) return 'proof_required';
  return side.requiredScope.every((value) => facts.scope.includes(value)) ? 'passed' : 'insufficient_scope';
}

/** Whether a token of this side may carry an audience: its own, its sibling's, or one that the options allow. */
export function toleratesAudience({ toleratedAudiences }: SideSettings, audience: string): boolean {
  return toleratedAudiences === 'any' || toleratedAudiences.has(audience);
}

/** A token without an audience is an access token only if its issuer marks it as one. */
function jwtFlaw({ claims, type }: TokenFacts, algorithm: string, side: SideSettings): RejectionReason | undefined {
  if (!side.algorithms.has(algorithm)) return 'unsupported_algorithm';
  if (side.typ !== undefined && type !== side.typ) return 'wrong_type';
  const isMarked = claims['token_use'] === 'access' || type === 'at+jwt';
  return side.identity.clientIds !== undefined && !isMarked ? 'wrong_type' : undefined;
}

/** A side without introspection accepts JWTs only, whatever the issuer says on behalf of the other side. */
function opaqueFlaw({ claims }: TokenFacts, side: SideSettings): RejectionReason | undefined {
  if (!side.takesOpaque) return 'wrong_type';
  return hasNoAudience(claims) && !declaredTokenKinds(claims).includes('access') ? 'wrong_type' : undefined;
}

function isConstrainedAs(binding: TokenFacts['binding'], demand: SideSettings['senderConstrained']): boolean {
  if (demand === undefined) return true;
  if (binding === undefined || binding === 'unprovable') return false;
  return demand === 'any' || binding[demand === 'dpop' ? 'key' : 'certificate'] !== undefined;
}

function satisfies(claims: TokenFacts['claims'], name: string, rule: ClaimRule): boolean {
  if (!Object.hasOwn(claims, name)) return false;
  const value = claims[name];
  const values: readonly unknown[] = Array.isArray(value) ? value : [value];
  const allowed: readonly unknown[] = Array.isArray(rule) ? rule : [rule];
  return values.some((entry) => allowed.includes(entry));
}
