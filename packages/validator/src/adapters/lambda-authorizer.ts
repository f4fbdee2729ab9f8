import { type AccessToken, UnavailableError } from '@crossfade/core';
import type { GuardOptions } from '../guard/guard-options.ts';
import { nextNonce } from '../guard/next-nonce.ts';
import type { HttpRejection } from '../guard/rejection-response.ts';
import { createRouteGuard } from '../guard/route-guard.ts';
import type { RouteOptions } from '../guard/route-rules.ts';
import type { RequestReader } from '../request/request-reader.ts';

/** Options of an authorizer: how it guards, and what the routes behind it ask for. */
export interface AuthorizerOptions<E> extends GuardOptions<E>, RouteOptions {}

/** What API Gateway hands on: text and numbers, as REST APIs can't have anything else. */
export type AuthorizerContext = Readonly<Record<string, string | number>>;

export interface Authorization {
  readonly isAuthorized: boolean;
  readonly principal: string;
  readonly context: AuthorizerContext;
}

/** Judges the tokens of events; throws what API Gateway answers with another status than 200 and 403. */
export function createAuthorizer<E>(
  options: AuthorizerOptions<E>,
  reader: RequestReader<E>,
  subject: string,
): (event: E) => Promise<Authorization> {
  const admit = createRouteGuard(options, reader, subject, {});
  return async (event) => {
    const admission = await admit(event);
    // API Gateway lets no authorizer answer 404.
    if (admission === 'hidden') return refused({ status: 404 });
    if ('refusal' in admission) return refusedWith(admission.refusal);
    const { subject: user, clientId } = admission.accessToken;
    const nonce = nextNonce(admission);
    const context = {
      ...describe(admission.accessToken),
      // An authorizer says nothing to clients: the API's answer has to take it from here.
      ...(nonce === undefined ? {} : { dpopNonce: nonce }),
    };
    return { isAuthorized: true, principal: user ?? clientId ?? 'unknown', context };
  };
}

function refusedWith({ status, headers, body }: HttpRejection): Authorization {
  // This very message, and no other, stands for 401.
  if (status === 401) throw new Error('Unauthorized');
  if (status === 503) throw new UnavailableError('the access token can not be checked at the moment');
  return refused({ status, challenge: headers['www-authenticate'] ?? '', problem: body });
}

function refused(context: AuthorizerContext): Authorization {
  return { isAuthorized: false, principal: 'unknown', context };
}

function describe({ audience, subject, clientId, scope, roles, expiresAt }: AccessToken): AuthorizerContext {
  return {
    audience,
    ...(subject === undefined ? {} : { subject }),
    ...(clientId === undefined ? {} : { clientId }),
    scope: scope.join(' '),
    roles: JSON.stringify(roles),
    expiresAt,
  };
}
