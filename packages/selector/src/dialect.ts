import { auth0Dialect } from './auth0-dialect.ts';
import { cognitoDialect } from './cognito-dialect.ts';
import type { DialectRules } from './dialect-rules.ts';
import { entraDialect } from './entra-dialect.ts';
import { oktaDialect } from './okta-dialect.ts';
import { pingoneDialect } from './pingone-dialect.ts';
import { resourceDialect, standardDialect } from './resource-dialect.ts';
import { scopeDialect } from './scope-dialect.ts';

/** How a provider is asked for an audience; the README of this package says what each needs configured. */
export const DIALECTS = ['scope', 'resource', 'auth0', 'entra', 'cognito', 'pingone', 'okta', 'keycloak'] as const;
export type Dialect = (typeof DIALECTS)[number];

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

/** Without a dialect a side asks by scope, and by resource where it has one. */
export function dialectRules(dialect: Dialect | undefined): DialectRules {
  return dialect === undefined ? standardDialect : RULES[dialect];
}
