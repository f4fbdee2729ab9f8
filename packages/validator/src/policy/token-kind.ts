import { declaredTokenKinds, type TokenKind } from '../jwt/declared-token-kinds.ts';
import type { TokenFacts } from '../jwt/token-facts.ts';
import type { Policy } from './side-settings.ts';
import { toleratesAudience } from './side-verdict.ts';

/** `typ` headers an access token may have; absent is one more. Other JWTs carry one of their own (RFC 8725 §3.11). */
const ACCESS_TYPES: readonly (string | undefined)[] = [undefined, 'jwt', 'at+jwt'];

/** Claims that only ID tokens carry (OpenID Connect Core §2, §3.1.3.6, §3.3.2.11). */
const ID_TOKEN_CLAIMS = ['nonce', 'at_hash', 'c_hash', 's_hash'];

/**
 * Tells what kind of token this is. In doubt a token is an access token, unless a client is its audience: then it
 * has to look like one.
 */
export function tokenKind(facts: TokenFacts, rules: Policy): TokenKind {
  const { claims, type } = facts;
  const named = declaredTokenKinds(claims);
  if (named.includes('id') || ID_TOKEN_CLAIMS.some((name) => claims[name] !== undefined)) return 'id';
  // `events` makes a JWT a security event token, of which a logout token is one (RFC 8417 §2.2).
  if (!ACCESS_TYPES.includes(type) || named.includes('other') || claims['events'] !== undefined) return 'other';

  const clients = facts.audiences.filter((audience) => rules.clientIds.has(audience) || audience === facts.clientId);
  if (clients.length === 0) return 'access';
  const isMeantForUs = clients.every((audience) => isOurs(audience, facts, rules));
  const looksLikeAccess = type === 'at+jwt' || named.includes('access') || facts.scope.length > 0;
  return isMeantForUs && looksLikeAccess ? 'access' : 'id';
}

/** An ID token is addressed to a client (OpenID Connect Core §2); so is an access token where an API is a client. */
function isOurs(
  audience: string,
  { issuer }: TokenFacts,
  { legacy, target }: Pick<Policy, 'legacy' | 'target'>,
): boolean {
  return [legacy, target].some((side) => side?.issuer === issuer && toleratesAudience(side, audience));
}
