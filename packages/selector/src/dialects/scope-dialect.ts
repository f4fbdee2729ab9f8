import type { Problem } from '@crossfade/core';
import type { DialectRules, SelectableSide } from './dialect.ts';

/**
 * The scope alone chooses the audience: a plain OpenID provider, or Keycloak with audience mappers on client scopes.
 * @see RFC 6749 §3.3
 */
export const scopeDialect: DialectRules = {
  parameters: scopeParameter,
  problems: unsentResource,
  pairProblems: () => [],
};

/** Leaves an empty scope out, so that the provider's default applies. */
export function scopeParameter({ scope }: SelectableSide): Readonly<Record<string, string>> {
  return scope === '' ? {} : { scope };
}

/** Reports a resource: dropping it silently would ask for another audience than the options state. */
export function unsentResource({ resource }: SelectableSide): Problem[] {
  if (resource === undefined) return [];
  return [
    { path: 'resource', message: 'is not sent in this dialect, where the scope chooses the audience: leave it out' },
  ];
}
