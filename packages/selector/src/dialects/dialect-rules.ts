import type { RequestParameters } from '@crossfade/core';
import { auth0Dialect } from './auth0-dialect.ts';
import { cognitoDialect } from './cognito-dialect.ts';
import type { Dialect, DialectRules, SelectableSide } from './dialect.ts';
import { entraDialect } from './entra-dialect.ts';
import { oktaDialect } from './okta-dialect.ts';
import { pingoneDialect } from './pingone-dialect.ts';
import { resourceDialect, standardDialect } from './resource-dialect.ts';
import { scopeDialect } from './scope-dialect.ts';

const RULES: Readonly<Record<Dialect, DialectRules>> = {
  scope: scopeDialect,
  resource: resourceDialect,
  auth0: auth0Dialect,
  entra: entraDialect,
  cognito: cognitoDialect,
  pingone: pingoneDialect,
  okta: oktaDialect,
  keycloak: scopeDialect,
};

/** Returns the rules of a dialect. Without a dialect a side is asked for by scope, and by resource if it has one. */
export function dialectRules(dialect: Dialect | undefined): DialectRules {
  return dialect === undefined ? standardDialect : RULES[dialect];
}

/**
 * Returns the request parameters that ask for a side in a dialect; by default `scope`, and `resource` if the side has
 * one. Leaves an empty scope out, so that the provider's default applies. Does not check the side.
 * @see RFC 6749 §3.3, RFC 8707 §2
 */
export function requestParameters(side: SelectableSide, dialect?: Dialect): RequestParameters {
  return Object.freeze({ ...dialectRules(dialect).parameters(side) });
}
