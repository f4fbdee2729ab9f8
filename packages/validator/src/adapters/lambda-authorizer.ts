import { type AccessToken, UnavailableError } from '@crossfade/core';
import { type AllowedRequest, type GuardDecision, nextNonce } from '../guard/guard.ts';
import type { GuardOptions } from '../guard/guard-options.ts';
import type { HttpRejection } from '../guard/rejection-response.ts';
import { createRouteGuard } from '../guard/route-guard.ts';
import type { RouteOptions } from '../guard/route-rules.ts';
import type { RequestReader } from '../request/request-reader.ts';

/** Options of an authorizer: how it guards, and what the routes behind it demand. */
export interface AuthorizerOptions<E> extends GuardOptions<E>, RouteOptions {}

/** What API Gateway passes to the API: strings and numbers, because REST APIs allow nothing else. */
export type AuthorizerContext = Readonly<Record<string, string | number>>;

export interface Authorization {
  readonly isAuthorized: boolean;
  /** The decision, for the rules of further routes; `undefined` for a request that may not go on. */
  readonly allowed: AllowedRequest | undefined;
  readonly principal: string;
  readonly context: AuthorizerContext;
}

/** Judges the tokens of events; throws for every status other than 200 and 403. */
export function createAuthorizer<E>(
  options: AuthorizerOptions<E>,
  reader: RequestReader<E>,
  subject: string,
): (event: E) => Promise<Authorization> {
  const check = createRouteGuard(options, reader, subject, {});
  return async (event) => authorizationOf(await check(event));
}

/** What an authorizer makes of a decision. */
export function authorizationOf(decision: GuardDecision): Authorization {
  // An API Gateway authorizer cannot respond with 404. It judges preflights: a cache could hand on what one of them gets.
  if (typeof decision === 'string') return denied({ status: 404 });
  if ('rejection' in decision) return denyWith(decision.rejection);
  const { subject: user, clientId } = decision.accessToken;
  const nonce = nextNonce(decision);
  const context = {
    ...describe(decision.accessToken),
    // An authorizer sets no response headers: the API has to copy it from here.
    ...(nonce === undefined ? {} : { dpopNonce: nonce }),
    ...decision.sunset,
  };
  return { isAuthorized: true, allowed: decision, principal: user ?? clientId ?? 'unknown', context };
}

function denyWith({ status, headers, body }: HttpRejection): Authorization {
  // API Gateway turns exactly this message into 401.
  if (status === 401) throw new Error('Unauthorized');
  if (status === 503) throw new UnavailableError('the access token cannot be checked at the moment');
  return denied({ status, challenge: headers['www-authenticate'] ?? '', problem: body });
}

function denied(context: AuthorizerContext): Authorization {
  return { isAuthorized: false, allowed: undefined, principal: 'unknown', context };
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
