import type { JsonObject } from './strict-json.ts';

/** What a verified token is for. An API accepts access tokens only. */
export type TokenKind = 'access' | 'id' | 'other';

/** Claims in which issuers declare the kind: Amazon Cognito `token_use`, Keycloak `typ`, Entra `idtyp`, and others. */
const KIND_CLAIMS = ['token_use', 'typ', 'idtyp', 'token_type'];
const KINDS: ReadonlyMap<unknown, TokenKind> = new Map([
  ...['access', 'access_token', 'bearer', 'dpop', 'app', 'user'].map((name) => [name, 'access'] as const),
  ...['id', 'id_token'].map((name) => [name, 'id'] as const),
  ...['refresh', 'refresh_token', 'offline', 'logout'].map((name) => [name, 'other'] as const),
]);

/** The kinds that a token's claims declare. */
export function declaredTokenKinds(claims: JsonObject): readonly TokenKind[] {
  return KIND_CLAIMS.flatMap((name) => {
    const value = claims[name];
    return (typeof value === 'string' ? KINDS.get(value.toLowerCase()) : undefined) ?? [];
  });
}
