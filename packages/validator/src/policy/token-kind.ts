import { declaredTokenKinds, type TokenKind } from '../jwt/declared-token-kinds.ts';
import type { TokenFacts } from '../jwt/token-facts.ts';
import type { Policy } from './side-settings.ts';
import { toleratesAudience } from './side-verdict.ts';

/** The `typ` headers of access tokens; absent is one. Other JWTs carry one of their own (RFC 8725 §3.11). */
const ACCESS_TYPES: readonly (string | undefined)[] = [undefined, 'jwt', 'at+jwt'];

/** Claims that only ID tokens carry (OpenID Connect Core §2, §3.1.3.6, §3.3.2.11). */
const ID_TOKEN_CLAIMS = ['nonce', 'at_hash', 'c_hash', 's_hash'];

/**
 * Determines the kind of a token. In doubt it is an access token, unless a client is its audience: then it has to look
 * like one.
 */
export function tokenKind(facts: TokenFacts, rules: Policy): TokenKind {
  const { claims, type } = facts;
  const kinds = declaredTokenKinds(claims);
  if (kinds.includes('id') || ID_TOKEN_CLAIMS.some((name) => claims[name] !== undefined)) return 'id';
  // `events` marks a security event token, such as a logout token (RFC 8417 §2.2).
  if (!ACCESS_TYPES.includes(type) || kinds.includes('other') || claims['events'] !== undefined) return 'other';

  const clients = facts.audiences.filter((audience) => rules.clientIds.has(audience) || audience === facts.clientId);
  if (clients.length === 0) return 'access';
  const isMeantForUs = clients.every((audience) => isOurs(audience, facts, rules));
  const looksLikeAccess = type === 'at+jwt' || kinds.includes('access') || facts.scope.length > 0;
  return isMeantForUs && looksLikeAccess ? 'access' : 'id';
}

/** An ID token is addressed to a client (OpenID Connect Core §2); so is an access token where an API is a client. */
function isOurs(
  audience: string,
  { issuer }: TokenFacts,
  { legacy, target }: Pick<Policy, 'legacy' | 'target'>,
): boolean {
  return [legacy, target].some(
    (side) => side !== undefined && [side.identity.issuer].flat().includes(issuer) && toleratesAudience(side, audience),
  );
}
