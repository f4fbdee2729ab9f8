import { declaredTokenKinds, isUsedAsAccessToken, type TokenKind } from '../jwt/declared-token-kinds.ts';
import type { TokenFacts } from '../jwt/token-facts.ts';
import type { Policy } from './side-settings.ts';

/** `at+jwt` (RFC 9068 §2.1), and names that vendors derive from it, such as Okta's `okta-internal-at+jwt`. */
const ACCESS_TYPE = /(?:^|[.-])at\+jwt$/;

/** `typ` headers that say nothing. Every other JWT has a type of its own (RFC 8725 §3.11). */
const PLAIN_TYPES: readonly (string | undefined)[] = [undefined, 'jwt'];

/**
 * Claims that bind an ID token to its login (OpenID Connect Core §2, §3.1.3.6, §3.3.2.11; FAPI 1.0 Part 2 §5.1; CIBA Core
 * §10.3.1).
 */
const LOGIN_CLAIMS = ['nonce', 'at_hash', 'c_hash', 's_hash', 'urn:openid:params:jwt:claim:auth_req_id'];

/** What a login asks for (OpenID Connect Core §5.4, §11; AD FS `allatclaims`). */
const LOGIN_SCOPE: ReadonlySet<string> = new Set([
  'openid',
  'profile',
  'email',
  'address',
  'phone',
  'offline_access',
  'allatclaims',
]);

/**
 * Determines the kind of a token, from the strongest sign to the weakest:
 * 1. A mark, which says what the token is: its `typ` header, or a claim such as `typ: Bearer` or `token_use: id`. Where
 *    marks contradict each other, the one that makes an API reject the token counts: an issuer has no reason to call an
 *    access token an ID token, and a template that adds `token_use: access` to every token would reach ID tokens, too.
 * 2. A claim of a login (`nonce`, `at_hash`), or of a security event. Some issuers add these to access tokens (Keycloak
 *    before 25: `nonce`), but then the mark counts.
 * 3. The audience. An ID token is always addressed to a client (OpenID Connect Core §2), an access token rarely.
 *
 * In doubt it is an access token.
 */
export function tokenKind(facts: TokenFacts, policy: Policy): TokenKind {
  return statedTokenKind(facts) ?? (isIdToken(facts, policy) ? 'id' : 'access');
}

/** Whether a token that states nothing of its kind is an ID token by its audience. */
function isIdToken(facts: TokenFacts, policy: Policy): boolean {
  return isEntraIdToken(facts) || facts.audiences.some((audience) => isForClient(audience, facts, policy));
}

/** What a token states of its kind by its marks and its claims, whatever its audience; `undefined` if it states nothing. */
export function statedTokenKind({ claims, type }: Pick<TokenFacts, 'claims' | 'type'>): TokenKind | undefined {
  const declared = declaredTokenKinds(claims);
  if (declared.includes('id')) return 'id';
  if (declared.includes('other') || !(PLAIN_TYPES.includes(type) || isAccessType(type))) return 'other';
  if (isAccessType(type) || declared.includes('access')) return 'access';
  if (LOGIN_CLAIMS.some((name) => claims[name] !== undefined && claims[name] !== null)) return 'id';
  return isSecurityEvent(claims['events']) ? 'other' : undefined;
}

/** Whether a token without an audience says that it is an access token: no audience contradicts it. */
export function isMarkedAsAccess({ claims, type }: TokenFacts): boolean {
  return isAccessType(type) || declaredTokenKinds(claims).includes('access') || isUsedAsAccessToken(claims);
}

function isAccessType(type: string | undefined): boolean {
  return type !== undefined && ACCESS_TYPE.test(type);
}

const GUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/**
 * Entra ID addresses the access tokens of an API to the id of its app registration, and the ID tokens of that app, too.
 * Both carry tenant and version; only access tokens name the client that uses them (`azp`, `appid`). So its ID tokens are
 * recognized even where the options do not list that id as a client.
 */
function isEntraIdToken({ audiences, claims, clientId, scope }: TokenFacts): boolean {
  const { ver } = claims;
  if (clientId !== undefined || scope.length > 0 || (ver !== '2.0' && ver !== '1.0')) return false;
  return (isGuid(claims['tid']) || namesB2cPolicy(claims)) && audiences.every(isGuid);
}

function isGuid(value: unknown): boolean {
  return typeof value === 'string' && GUID.test(value);
}

/** Azure AD B2C leaves out `tid` and names its policy: in `tfp`, or in `acr`. */
function namesB2cPolicy({ tfp, acr }: TokenFacts['claims']): boolean {
  return [tfp, acr].some((policy) => typeof policy === 'string' && /^b2c_1/i.test(policy));
}

/** A security event token, such as a logout token, has an object of events by URI (RFC 8417 §2.2). */
function isSecurityEvent(events: unknown): boolean {
  return typeof events === 'object' && events !== null && !Array.isArray(events);
}

/**
 * Whether an unmarked token is addressed to a client as such. The id of a client may be the audience of an API, too
 * (Entra ID v2, WSO2, AD FS): then the token has to look like an access token.
 */
function isForClient(audience: string, facts: TokenFacts, policy: Policy): boolean {
  const isKnown = policy.clientIds.has(audience);
  if (!isKnown && audience !== facts.clientId) return false;
  return (isKnown && !isApi(audience, facts, policy)) || !looksLikeAccess(facts);
}

/** Whether the options name an audience as that of an API: of a side of this issuer, or as a tolerated one. */
function isApi(audience: string, { issuer }: TokenFacts, { legacy, target }: Policy): boolean {
  return [legacy, target].some((side) => {
    if (side === undefined || ![side.identity.issuer].flat().includes(issuer)) return false;
    if ([side.identity.audience].flat().includes(audience)) return true;
    return side.toleratedAudiences !== 'any' && side.toleratedAudiences.has(audience);
  });
}

/**
 * Scope is for APIs, and the subject of client credentials is the client itself (RFC 9068 §2.2). The scope of a login
 * alone proves nothing in a token that tells the time of that login: Cloud Foundry UAA and AD FS (`allatclaims`) put
 * both into ID tokens. In an access token of AD FS that time is text.
 */
function looksLikeAccess({ claims, clientId, scope, subject }: TokenFacts): boolean {
  if (isUsedAsAccessToken(claims) || (clientId !== undefined && subject === clientId)) return true;
  if (scope.length === 0) return false;
  return typeof claims['auth_time'] !== 'number' || !scope.every((value) => LOGIN_SCOPE.has(value));
}
