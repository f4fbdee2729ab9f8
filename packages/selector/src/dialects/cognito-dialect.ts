import type { Problem } from '@crossfade/core';
import { type DialectRules, type SelectableSide, scopeValues } from './dialect.ts';
import { scopeAndResource } from './resource-dialect.ts';

/** The scope values of a user pool without a resource server. There is no `offline_access`. */
const BUILT_IN: readonly string[] = ['openid', 'profile', 'email', 'phone', 'aws.cognito.signin.user.admin'];

/**
 * Amazon Cognito: each scope value that is not built in starts with the identifier of its resource server. Values
 * without an identifier get the resource's. Access tokens have an `aud` only if the side has a resource, which is sent
 * to bind the token (managed login, plans Essentials and Plus).
 * @see https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-user-pools-define-resource-servers.html
 */
export const cognitoDialect: DialectRules = {
  parameters: (side) => scopeAndResource({ ...side, scope: cognitoScope(side) }),
  problems,
  pairProblems: () => [],
  conflict: (one, other) =>
    one.resource === other.resource ? undefined : 'Cognito binds a token to one resource: log in for each',
};

function problems({ scope, resource }: SelectableSide): Problem[] {
  const values = scopeValues(scope);
  const found: Problem[] = [];
  if (values.includes('offline_access')) {
    found.push({
      path: 'scope',
      message: 'has offline_access, which Cognito does not support: leave it out, it always issues refresh tokens',
    });
  }
  const bare = values.filter(
    (value) => value !== 'offline_access' && !BUILT_IN.includes(value) && !value.includes('/'),
  );
  if (resource === undefined && bare.length > 0) {
    const message = 'has values that are not built in: start them with the identifier of a resource server';
    found.push({ path: 'scope', message });
  }
  return found;
}

function cognitoScope({ scope, resource }: SelectableSide): string {
  const isComplete = (value: string) => resource === undefined || BUILT_IN.includes(value) || value.includes('/');
  return scopeValues(scope)
    .map((value) => (isComplete(value) ? value : `${resource}/${value}`))
    .join(' ');
}
