import type { Problem } from '@crossfade/core';
import type { DialectRules } from './dialect-rules.ts';
import { scopeValues } from './scope-values.ts';
import type { SelectableSide } from './selectable-side.ts';

/**
 * Microsoft Entra ID, v2.0 endpoints: each value of the scope starts with the App ID URI of its API, but for those of
 * OpenID Connect; a value without one would mean Microsoft Graph. A side that names no permission asks for `/.default`,
 * all that is consented to. One request gets a token of one API, and `resource` is no parameter of v2.0.
 * @see https://learn.microsoft.com/entra/identity-platform/scopes-oidc
 */
export const entraDialect: DialectRules = {
  parameters: (side) => ({ scope: entraScope(side).join(' ') }),
  problems,
  pairProblems(legacy, target) {
    if (legacy.issuer !== target.issuer || apisOf(legacy)[0] !== apisOf(target)[0]) return [];
    return [{ path: 'target.scope', message: 'must name another API than the one of legacy' }];
  },
};

/** Belong to no API. Entra knows neither `address` nor `phone`. */
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
      'has values that are no App ID URI, slash and permission, which mean Microsoft Graph: give a resource';
    found.push({ path: 'scope', message });
  } else if (apis.length === 0) {
    found.push({ path: 'resource', message: 'is required by Entra where the scope names no API: its App ID URI' });
  }
  if (apis.length > 1) {
    found.push({ path: 'scope', message: 'names more than one API: Entra gives a token of one' });
  }
  const asked = entraScope(side).filter((value) => !isOpenIdValue(value));
  if (asked.length > 1 && asked.some((value) => value.endsWith('/.default'))) {
    found.push({ path: 'scope', message: 'names a permission beside .default: Entra refuses the two together' });
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

/** The APIs that a side asks for, its resource first. */
function apisOf({ scope, resource }: SelectableSide): string[] {
  const named = scopeValues(scope).flatMap((value) => apiOf(value, resource) ?? []);
  return [...new Set([...(resource === undefined ? [] : [resource]), ...named])];
}

/** The App ID URI or application id that a value starts with: its own slash, if it ends in one, makes two. */
function apiOf(value: string, resource: string | undefined): string | undefined {
  if (resource !== undefined && value.startsWith(`${resource}/`)) return resource;
  const api = value.slice(0, Math.max(0, value.lastIndexOf('/')));
  return APP_ID.test(api) || URI.test(api) ? api : undefined;
}
