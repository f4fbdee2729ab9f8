import type { ClaimRule, RejectionReason } from '@crossfade/core';
import { hasNoAudience, type TokenFacts } from '../jwt/token-facts.ts';
import type { Policy, SideSettings } from './side-settings.ts';
import { isMarkedAsAccess } from './token-kind.ts';

/** What the options say of clients. */
type KnownClients = Pick<Policy, 'clientIds' | 'clientsAreKnown'>;

/** One side's verdict on a token that is addressed to it. */
export type SideVerdict = 'passed' | RejectionReason;

/**
 * Applies one side's policy to a token of its audience. Scope comes last: a missing scope is the only flaw that a new
 * token of the same kind does not cure (RFC 6750 §3.1).
 */
export function sideVerdict(facts: TokenFacts, side: SideSettings, clients: KnownClients): SideVerdict {
  const flaw =
    facts.algorithm === undefined ? opaqueFlaw(facts, side, clients) : jwtFlaw(facts, facts.algorithm, side, clients);
  if (flaw !== undefined) return flaw;
  if (!facts.audiences.every((audience) => toleratesAudience(side, audience))) return 'foreign_audience';
  if (side.allowedClients !== undefined && !side.allowedClients.has(facts.clientId ?? '')) return 'client_not_allowed';
  if (!side.claims.every(([name, rule]) => satisfies(facts.claims, name, rule))) return 'claim_not_allowed';
  if (!isConstrainedAs(facts.binding, side.senderConstrained)) return 'proof_required';
  return side.requiredScope.every((value) => facts.scope.includes(value)) ? 'passed' : 'insufficient_scope';
}

/** Whether a token of this side may carry an audience: its own, its sibling's, or one that the options allow. */
function toleratesAudience({ toleratedAudiences }: SideSettings, audience: string): boolean {
  return toleratedAudiences === 'any' || toleratedAudiences.has(audience);
}

function jwtFlaw(
  facts: TokenFacts,
  algorithm: string,
  side: SideSettings,
  clients: KnownClients,
): RejectionReason | undefined {
  if (!side.algorithms.has(algorithm)) return 'unsupported_algorithm';
  if (side.typ !== undefined && facts.type !== side.typ) return 'wrong_type';
  return facts.audiences.length === 0 ? unaddressedFlaw(facts, side, clients) : undefined;
}

/** A side without introspection accepts JWTs only, whatever the issuer says on behalf of the other side. */
function opaqueFlaw(facts: TokenFacts, side: SideSettings, clients: KnownClients): RejectionReason | undefined {
  if (!side.takesOpaque) return 'wrong_type';
  if (facts.audiences.length === 0) return unaddressedFlaw(facts, side, clients);
  // An implied audience is in the facts only: the response itself says nothing of it.
  return hasNoAudience(facts.claims) && !isMarkedAsAccess(facts) ? 'wrong_type' : undefined;
}

/**
 * A token without an audience needs a mark, or a known client. It is no ID token, because those always have an audience
 * (OpenID Connect Core §2), but it may be a refresh token, which has scope, too.
 */
function unaddressedFlaw(
  facts: TokenFacts,
  { identity }: SideSettings,
  clients: KnownClients,
): RejectionReason | undefined {
  if (identity.anyAudience === true || isMarkedAsAccess(facts)) return undefined;
  return identity.withoutAudience === true && isOfClient(facts, clients) ? undefined : 'wrong_type';
}

/** Where the options say nothing of clients, any client with scope is known enough: the API knows no more of it today. */
function isOfClient({ clientId, scope }: TokenFacts, { clientIds, clientsAreKnown }: KnownClients): boolean {
  if (clientId === undefined) return false;
  return clientIds.has(clientId) || (!clientsAreKnown && scope.length > 0);
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
