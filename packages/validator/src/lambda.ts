import { ConfigError } from '@crossfade/core';
import { type AuthorizerContext, type AuthorizerOptions, createAuthorizer } from './adapters/lambda-authorizer.ts';
import { type HttpApiEvent, httpApiReader } from './adapters/lambda-http-api.ts';
import { type PolicyStatement, stageResource, statement } from './adapters/lambda-policy.ts';
import { type RestApiEvent, restApiReader } from './adapters/lambda-rest-api.ts';
import { createRouteAccess } from './adapters/lambda-route-access.ts';
import type { LambdaRoutes } from './adapters/lambda-routes.ts';
import { presentedToken } from './request/presented-token.ts';

export type { AuthorizerContext, AuthorizerOptions } from './adapters/lambda-authorizer.ts';
export type { HttpApiEvent } from './adapters/lambda-http-api.ts';
export type { PolicyStatement } from './adapters/lambda-policy.ts';
export type { RestApiEvent, RestApiRequestEvent, RestApiTokenEvent } from './adapters/lambda-rest-api.ts';
export type { LambdaRoutes } from './adapters/lambda-routes.ts';

/** A simple response of payload format 2.0. */
export interface HttpApiResponse {
  readonly isAuthorized: boolean;
  readonly context: AuthorizerContext;
}

/** A policy for the stage; for the one method that the event names, where the token comes with a DPoP proof. */
export interface RestApiResponse {
  readonly principalId: string;
  readonly policyDocument: { readonly Version: '2012-10-17'; readonly Statement: PolicyStatement[] };
  readonly context: AuthorizerContext;
}

/**
 * Creates a Lambda authorizer for an HTTP API: payload format 2.0, simple responses.
 *
 * API Gateway caches its responses for the authorizer's TTL (`AuthorizerResultTtlInSeconds`, up to 3600): closing the
 * legacy audience, and a token's expiry, take effect only after it. Set it to 0, or to as few seconds as you can wait.
 * It must be 0 where the response depends on more than the header: DPoP, client certificates, features. A cached response
 * holds for every route that uses the authorizer, so that routes with other rules need one of their own.
 *
 * @returns a handler that returns `isAuthorized: true`, or `false` where API Gateway has to respond with 403 (missing
 * scope; a feature that is off), and throws otherwise: `Unauthorized`, which API Gateway turns into 401, or any other
 * error, such as unreachable keys, which it turns into 500.
 * @throws {@link ConfigError} with every problem of the options.
 * @example
 * export const handler = createHttpApiAuthorizer({ validator, scope: 'orders:read' });
 */
export function createHttpApiAuthorizer(
  options: AuthorizerOptions<HttpApiEvent>,
): (event: HttpApiEvent) => Promise<HttpApiResponse> {
  const authorize = createAuthorizer(options, httpApiReader, 'HTTP API authorizer');
  return async (event) => {
    if (event.version !== '2.0') throw misconfigured('payload format', 'must be 2.0');
    const { isAuthorized, context } = await authorize(event);
    return { isAuthorized, context };
  };
}

/** Options of {@link createRestApiAuthorizer}. */
export interface RestApiAuthorizerOptions extends AuthorizerOptions<RestApiEvent> {
  /**
   * What single routes of the stage demand, beyond what the authorizer demands of all: by method and path as API Gateway
   * has them, such as `GET /orders/{id}` or `ANY /files/{path+}`. Other routes are denied then. Absent: all routes that
   * use the authorizer demand the same.
   */
  readonly routes?: LambdaRoutes;
}

const REST_API = 'REST API authorizer';

/**
 * Creates a Lambda authorizer for a REST API, of kind TOKEN or REQUEST. A TOKEN authorizer sees one header only, so
 * it rejects tokens that are bound to a key.
 *
 * API Gateway caches its responses for the authorizer's TTL (`authorizerResultTtlInSeconds`, 300 by default, up to
 * 3600), and applies a cached policy to every method that uses the authorizer. The policy therefore covers the whole
 * stage: all methods and paths, or those of `routes` whose rules the token meets. Routes with other rules need `routes`,
 * an authorizer of their own, or a TTL of 0: a handler must not choose between authorizers by itself.
 *
 * Closing the legacy audience, and a token's expiry, take effect only after the TTL: set it to as few seconds as you can
 * wait. It must be 0 where the response depends on more than the header: client certificates, features. The policy of a
 * DPoP token covers the one method that its proof is for; use a TTL of 0, or name the `DPoP` header as an identity
 * source.
 *
 * @returns a handler that returns a policy, `Deny` where API Gateway has to respond with 403 (missing scope; a feature
 * that is off), and throws otherwise: `Unauthorized`, which API Gateway turns into 401, or any other error, such as
 * unreachable keys, which it turns into 500.
 * @throws {@link ConfigError} with every problem of the options.
 * @example
 * export const handler = createRestApiAuthorizer({ validator, scope: 'orders:read' });
 */
export function createRestApiAuthorizer({
  routes,
  ...everywhere
}: RestApiAuthorizerOptions): (event: RestApiEvent) => Promise<RestApiResponse> {
  const authorize = createAuthorizer(everywhere, restApiReader, REST_API);
  const routeAccess = routes === undefined ? undefined : createRouteAccess(routes, everywhere, REST_API);
  return async (event) => {
    if (event.methodArn === undefined) throw misconfigured('payload format', 'must be 1.0, which has a methodArn');
    const ofStage = await authorize(event);
    const access = ofStage.allowed === undefined ? undefined : await routeAccess?.(event, ofStage.allowed);
    const { isAuthorized, principal, context } = access?.current ?? ofStage;
    const isForOneMethod = presentedToken(restApiReader.authorization(event))?.scheme === 'DPoP';
    const Statement = isForOneMethod
      ? statement(isAuthorized ? 'Allow' : 'Deny', event.methodArn)
      : stageStatement(event.methodArn, isAuthorized, access?.patterns);
    return {
      principalId: principal,
      policyDocument: { Version: '2012-10-17', Statement: [Statement] },
      context:
        ofStage.context['dpopNonce'] === undefined ? context : { ...context, dpopNonce: ofStage.context['dpopNonce'] },
    };
  };
}

/** A policy that is right for each method that a cache applies it to. What it does not allow is denied. */
function stageStatement(methodArn: string, isAuthorized: boolean, patterns?: readonly string[]): PolicyStatement {
  if (patterns === undefined) return statement(isAuthorized ? 'Allow' : 'Deny', stageResource(methodArn, '*/*'));
  if (patterns.length === 0) return statement('Deny', stageResource(methodArn, '*/*'));
  return statement(
    'Allow',
    patterns.map((pattern) => stageResource(methodArn, pattern)),
  );
}

function misconfigured(path: string, message: string): ConfigError {
  return new ConfigError('Lambda authorizer', [{ path, message }]);
}
