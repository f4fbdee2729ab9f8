import type { Problem } from '@crossfade/core';
import type { DialectRules } from './dialect-rules.ts';
import type { SelectableSide } from './selectable-side.ts';

/**
 * The scope alone chooses the audience: a plain OpenID provider, or Keycloak with audience mappers on client scopes.
 * @see RFC 6749 §3.3
 */
export const scopeDialect: DialectRules = {
  parameters: scopeParameter,
  problems: unsentResource,
  pairProblems: () => [],
};

/** An empty scope is left out, so that the provider's default holds. */
export function scopeParameter({ scope }: SelectableSide): Readonly<Record<string, string>> {
  return scope === '' ? {} : { scope };
}

/** Dropping a resource without a word would ask for another audience than the options say. */
export function unsentResource({ resource }: SelectableSide): Problem[] {
  if (resource === undefined) return [];
  return [{ path: 'resource', message: 'is not sent in this dialect, in which the scope chooses the audience' }];
}
