import type { JsonObject } from './strict-json.ts';

/** What a verified token is for. An API accepts access tokens only. */
export type TokenKind = 'access' | 'id' | 'other';

const NAMES: ReadonlyMap<string, TokenKind> = new Map([
  ['access', 'access'],
  ['access_token', 'access'],
  ['id', 'id'],
  ['id_token', 'id'],
  ['refresh', 'other'],
  ['refresh_token', 'other'],
  ['offline', 'other'],
  ['logout', 'other'],
]);

/** How access tokens are used (RFC 6749 §7.1, RFC 9449 §7.1). */
const USES: ReadonlyMap<string, TokenKind> = new Map([
  ['bearer', 'access'],
  ['dpop', 'access'],
]);

/**
 * The claims in which issuers declare the kind of a token, each with its values in lower case: Amazon Cognito
 * `token_use`, Keycloak `typ`, Simple JWT `token_type`, Flask-JWT-Extended `type`, Entra ID `idtyp`, WSO2 `aut`.
 */
const KIND_CLAIMS = Object.entries<ReadonlyMap<string, TokenKind>>({
  token_use: NAMES,
  typ: new Map([...NAMES, ...USES]),
  token_type: NAMES,
  type: NAMES,
  idtyp: new Map([
    ['app', 'access'],
    ['user', 'access'],
  ]),
  aut: new Map([
    ['application', 'access'],
    ['application_user', 'access'],
  ]),
});

/** How the client authenticated: Entra ID puts it into every access token (v2, v1), and into no ID token. */
const CLIENT_AUTHENTICATION_CLAIMS = ['azpacr', 'appidacr'];

/** The kinds that a token's claims declare. */
export function declaredTokenKinds(claims: JsonObject): readonly TokenKind[] {
  const declared = KIND_CLAIMS.flatMap(([claim, kinds]) => kindIn(claims[claim], kinds) ?? []);
  const isAuthenticated = CLIENT_AUTHENTICATION_CLAIMS.some((claim) => typeof claims[claim] === 'string');
  return isAuthenticated ? [...declared, 'access'] : declared;
}

/**
 * Whether `token_type` tells how the token is used as an access token (RFC 6749 §7.1). That is a hint and no kind: it is
 * a member of every introspection response (RFC 7662 §2.2).
 */
export function isUsedAsAccessToken({ token_type: use }: JsonObject): boolean {
  return typeof use === 'string' && USES.has(use.toLowerCase());
}

function kindIn(value: unknown, kinds: ReadonlyMap<string, TokenKind>): TokenKind | undefined {
  return typeof value === 'string' ? kinds.get(value.toLowerCase()) : undefined;
}
