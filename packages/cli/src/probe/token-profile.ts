import type { SidePlan } from '@crossfade/core';
import { isScopeToken } from '@crossfade/core';
import { MAX_TOKEN_BYTES } from '@crossfade/core/schema';
import { describeToken } from '@crossfade/validator/census';
import { decodeToken, printableName } from './decode-token.ts';
import { type NestedClaim, nestedClaims, typeOf } from './nested-claims.ts';

/** What a JWT says, as far as an API depends on it. Holds values for comparison; only names are for printing. */
export interface TokenProfile {
  readonly kind: string;
  readonly bytes: number;
  readonly typ: string | undefined;
  readonly alg: string | undefined;
  readonly issuer: string | null;
  readonly audiences: readonly string[];
  readonly subject: string | number | undefined;
  readonly clientId: string | null;
  readonly scope: readonly string[];
  readonly roles: readonly string[];
  readonly lifetimeSeconds: number | undefined;
  /** The JSON type of every claim by its name, in the token's order. */
  readonly claims: ReadonlyMap<string, string>;
  /** The members of claims that are objects. */
  readonly members: readonly NestedClaim[];
  /** The claim that the roles were read from. */
  readonly rolesClaim: string;
  /** Where in the token they stand. */
  readonly rolesPath: readonly string[];
}

/** Reads a token without verifying it; `undefined` for an opaque one. */
export function profileToken(
  token: string,
  { rolesClaim }: Pick<SidePlan, 'rolesClaim'> = {},
): TokenProfile | undefined {
  const decoded = decodeToken(token);
  if (decoded === undefined) return undefined;
  const { header, claims } = decoded;
  const { kind, issuer, audiences, clientId, bytes } = describeToken(`Bearer ${token}`, MAX_TOKEN_BYTES);
  const path = [rolesClaim ?? usualRolesClaim(claims)].flat();
  const { sub, iat, exp } = claims;
  return {
    kind,
    bytes,
    typ: headerName(header['typ']),
    alg: headerName(header['alg']),
    issuer,
    audiences,
    subject: typeof sub === 'string' || typeof sub === 'number' ? sub : undefined,
    clientId,
    scope: wordsIn(claims['scope'] ?? claims['scp']).filter(isScopeToken),
    roles: namesIn(valueAt(claims, path)),
    lifetimeSeconds: typeof iat === 'number' && typeof exp === 'number' ? exp - iat : undefined,
    claims: new Map(Object.entries(claims).flatMap(([name, value]) => (value === null ? [] : [[name, typeOf(value)]]))),
    members: nestedClaims(claims),
    rolesClaim: path[0] ?? 'roles',
    rolesPath: path,
  };
}

/** Where providers put roles (RFC 9068 §2.2.3.1, Cognito, Keycloak), where no plan says it. */
function usualRolesClaim(claims: Readonly<Record<string, unknown>>): string | readonly string[] {
  if (claims['roles'] !== undefined) return 'roles';
  if (claims['cognito:groups'] !== undefined) return 'cognito:groups';
  return claims['realm_access'] === undefined ? 'roles' : ['realm_access', 'roles'];
}

/** Only what looks like the name of a type or an algorithm is printed. */
function headerName(value: unknown): string | undefined {
  return typeof value === 'string' && /^[A-Za-z0-9+./-]{1,40}$/.test(value) ? value : undefined;
}

function valueAt(claims: Readonly<Record<string, unknown>>, path: readonly string[]): unknown {
  let value: unknown = claims;
  for (const name of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, name)) return undefined;
    value = (value as Record<string, unknown>)[name];
  }
  return value;
}

function namesIn(value: unknown): readonly string[] {
  const values: readonly unknown[] = typeof value === 'string' ? [value] : Array.isArray(value) ? value : [];
  return [...new Set(values.filter((name) => typeof name === 'string').map(printableName))];
}

function wordsIn(value: unknown): readonly string[] {
  const texts: readonly unknown[] = Array.isArray(value) ? value : [value];
  return [
    ...new Set(
      texts.flatMap((text) => (typeof text === 'string' ? text.split(' ').filter((word) => word !== '') : [])),
    ),
  ];
}
