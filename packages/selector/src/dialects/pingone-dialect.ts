import type { Problem } from '@crossfade/core';
import { type DialectRules, type SelectableSide, scopeValues } from './dialect.ts';
import { scopeDialect, unsentResource } from './scope-dialect.ts';

/**
 * PingOne: a scope belongs to a resource, whose audience becomes the token's. PingOne rejects the scopes of its own API
 * (`p1:`) together with those of a custom resource.
 * @see https://docs.pingidentity.com/r/en-us/pingone/p1_c_resource_scopes
 */
export const pingoneDialect: DialectRules = {
  ...scopeDialect,
  problems: (side) => [...unsentResource(side), ...mixedResources(side)],
  conflict: (one, other) => mixedResources({ scope: `${one.scope} ${other.scope}` })[0]?.message,
};

/** Values that combine with those of any resource. */
const OPENID_VALUES: readonly string[] = ['openid', 'profile', 'email', 'address', 'phone', 'offline_access'];

function mixedResources({ scope }: SelectableSide): Problem[] {
  const values = scopeValues(scope).filter((value) => !OPENID_VALUES.includes(value));
  const own = values.filter((value) => value.startsWith('p1:'));
  if (own.length === 0 || own.length === values.length) return [];
  return [
    {
      path: 'scope',
      message: "must not combine the PingOne API's values (p1:) with others: PingOne rejects the two together",
    },
  ];
}
