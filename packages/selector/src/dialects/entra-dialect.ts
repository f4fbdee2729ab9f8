import type { Problem } from '@crossfade/core';
import { type DialectRules, type SelectableSide, scopeValues } from './dialect.ts';

/**
 * Microsoft Entra ID, v2.0 endpoints: each scope value starts with the App ID URI of its API, except those of OpenID
 * Connect; a value without one means Microsoft Graph. A side that names no permission asks for `/.default`: every
 * permission consented to. One request gets a token for one API, and v2.0 has no parameter `resource`.
 * @see https://learn.microsoft.com/entra/identity-platform/scopes-oidc
 */
export const entraDialect: DialectRules = {
  parameters: (side) => ({ scope: entraScope(side).join(' ') }),
  problems,
  pairProblems(legacy, target) {
    if (legacy.issuer !== target.issuer || apisOf(legacy)[0] !== apisOf(target)[0]) return [];
    return [{ path: 'target.scope', message: 'must name another API than that of legacy' }];
  },
  conflict: (one, other) =>
    apisOf(one)[0] === apisOf(other)[0] ? undefined : 'an Entra request is for one API: log in for each',
};

/** Values that belong to no API. Entra supports neither `address` nor `phone`. */
const OPENID_VALUES: readonly string[] = ['openid', 'profile', 'email', 'offline_access'];
const isOpenIdValue = (value: string) => OPENID_VALUES.includes(value);

const APP_ID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const URI = /^[a-z][a-z0-9+.-]*:(?:\/\/)?[^/]/i;

function problems(side: SelectableSide): Problem[] {
  const { resource } = side;
  const values = scopeValues(side.scope).filter((value) => !isOpenIdValue(value));
  const apis = apisOf(side);
  const found: Problem[] = [];
  const isMistaken = (value: string) =>
    apiOf(value, resource) === undefined && (resource === undefined || URI.test(value));
  if (values.some(isMistaken)) {
    const message =
      'has values without an App ID URI, which mean Microsoft Graph: write App ID URI/permission, or give a resource';
    found.push({ path: 'scope', message });
  } else if (apis.length === 0) {
    found.push({ path: 'resource', message: 'is required by Entra if the scope names no API: the App ID URI' });
  }
  if (apis.length > 1) {
    found.push({ path: 'scope', message: 'must name one API: an Entra token is for one' });
  }
  const asked = entraScope(side).filter((value) => !isOpenIdValue(value));
  if (asked.length > 1 && asked.some((value) => value.endsWith('/.default'))) {
    found.push({
      path: 'scope',
      message: 'must not combine .default with other permissions: Entra rejects the two together',
    });
  }
  return found;
}

function entraScope({ scope, resource }: SelectableSide): string[] {
  const values = scopeValues(scope);
  const named = values.map((value) =>
    isOpenIdValue(value) || resource === undefined || apiOf(value, resource) !== undefined
      ? value
      : `${resource}/${value}`,
  );
  const namesApi = values.some((value) => !isOpenIdValue(value));
  return namesApi || resource === undefined ? named : [...named, `${resource}/.default`];
}

/** Lists the APIs that a side asks for, its resource first. */
function apisOf({ scope, resource }: SelectableSide): string[] {
  const named = scopeValues(scope).flatMap((value) => apiOf(value, resource) ?? []);
  return [...new Set([...(resource === undefined ? [] : [resource]), ...named])];
}

/** Returns the App ID URI or application id that a value starts with. A URI that ends in a slash gives two slashes. */
function apiOf(value: string, resource: string | undefined): string | undefined {
  if (resource !== undefined && value.startsWith(`${resource}/`)) return resource;
  const api = value.slice(0, Math.max(0, value.lastIndexOf('/')));
  return APP_ID.test(api) || URI.test(api) ? api : undefined;
}
