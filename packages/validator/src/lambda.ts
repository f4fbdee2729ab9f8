import { ConfigError } from '@crossfade/core';
import { type AuthorizerContext, type AuthorizerOptions, createAuthorizer } from './adapters/lambda-authorizer.ts';
import { type HttpApiEvent, httpApiReader } from './adapters/lambda-http-api.ts';
import { type RestApiEvent, restApiReader } from './adapters/lambda-rest-api.ts';

export type { AuthorizerContext, AuthorizerOptions } from './adapters/lambda-authorizer.ts';
export type { HttpApiEvent } from './adapters/lambda-http-api.ts';
export type { RestApiEvent, RestApiRequestEvent, RestApiTokenEvent } from './adapters/lambda-rest-api.ts';

/** A simple response of payload format 2.0. */
export interface HttpApiResponse {
  readonly isAuthorized: boolean;
  readonly context: AuthorizerContext;
}

/** A policy for the one method that the event names. */
export interface RestApiResponse {
  readonly principalId: string;
  readonly policyDocument: {
    readonly Version: '2012-10-17';
    readonly Statement: {
      readonly Action: 'execute-api:Invoke';
      readonly Effect: 'Allow' | 'Deny';
      readonly Resource: string;
    }[];
  };
  readonly context: AuthorizerContext;
}

/**
 * Creates a Lambda authorizer for an HTTP API: payload format 2.0, simple responses.
 *
 * API Gateway caches its responses for the authorizer's TTL (`AuthorizerResultTtlInSeconds`, up to 3600): closing the
 * legacy audience, and a token's expiry, take effect only after it. Set it to 0, or to as few seconds as you can wait.
 * It must be 0 where the response depends on more than the header: DPoP, features.
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

/**
 * Creates a Lambda authorizer for a REST API, of kind TOKEN or REQUEST. A TOKEN authorizer sees one header only, so
 * it rejects tokens that are bound to a key.
 *
 * API Gateway caches its responses for the authorizer's TTL (`authorizerResultTtlInSeconds`, 300 by default, up to
 * 3600): closing the legacy audience, and a token's expiry, take effect only after it. A policy allows the one method
 * that the event names, so a cached one denies the others. Set the TTL to 0.
 *
 * @returns a handler that returns a policy, `Deny` where API Gateway has to respond with 403 (missing scope; a feature
 * that is off), and throws otherwise: `Unauthorized`, which API Gateway turns into 401, or any other error, such as
 * unreachable keys, which it turns into 500.
 * @throws {@link ConfigError} with every problem of the options.
 * @example
 * export const handler = createRestApiAuthorizer({ validator, scope: 'orders:read' });
 */
export function createRestApiAuthorizer(
  options: AuthorizerOptions<RestApiEvent>,
): (event: RestApiEvent) => Promise<RestApiResponse> {
  const authorize = createAuthorizer(options, restApiReader, 'REST API authorizer');
  return async (event) => {
    if (event.methodArn === undefined) throw misconfigured('payload format', 'must be 1.0, which has a methodArn');
    const { isAuthorized, principal, context } = await authorize(event);
    const Effect = isAuthorized ? 'Allow' : 'Deny';
    return {
      principalId: principal,
      policyDocument: {
        Version: '2012-10-17',
        Statement: [{ Action: 'execute-api:Invoke', Effect, Resource: event.methodArn }],
      },
      context,
    };
  };
}

function misconfigured(path: string, message: string): ConfigError {
  return new ConfigError('Lambda authorizer', [{ path, message }]);
}
