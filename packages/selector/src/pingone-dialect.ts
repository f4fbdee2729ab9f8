import type { Problem } from '@crossfade/core';
import type { DialectRules } from './dialect-rules.ts';
import { scopeDialect, unsentResource } from './scope-dialect.ts';
import { scopeValues } from './scope-values.ts';
import type { SelectableSide } from './selectable-side.ts';

/**
 * PingOne: a scope belongs to a resource, and the resource's audience is the token's. PingOne refuses its own API's
 * scopes (`p1:`) beside those of a custom resource.
 * @see https://docs.pingidentity.com/r/en-us/pingone/p1_c_resource_scopes
 */
export const pingoneDialect: DialectRules = {
  ...scopeDialect,
  problems: (side) => [...unsentResource(side), ...mixedResources(side)],
};

/** May stand beside those of any resource. */
const OPENID_VALUES: readonly string[] = ['openid', 'profile', 'email', 'address', 'phone', 'offline_access'];

function mixedResources({ scope }: SelectableSide): Problem[] {
  const values = scopeValues(scope).filter((value) => !OPENID_VALUES.includes(value));
  const own = values.filter((value) => value.startsWith('p1:'));
  if (own.length === 0 || own.length === values.length) return [];
  return [
    { path: 'scope', message: "mixes the PingOne API's values (p1:) with others: PingOne refuses the two together" },
  ];
}
