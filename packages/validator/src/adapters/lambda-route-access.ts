import type { AllowedRequest } from '../guard/guard.ts';
import { createRouteGuard } from '../guard/route-guard.ts';
import { type Authorization, type AuthorizerOptions, authorizationOf } from './lambda-authorizer.ts';
import { routeOf } from './lambda-policy.ts';
import { type RestApiEvent, restApiReader } from './lambda-rest-api.ts';
import { isMatch, type LambdaRoutes, readLambdaRoutes } from './lambda-routes.ts';

/** What a token may do on the routes of a stage. */
export interface RouteAccess {
  /** On the route that the request is for; denied where that is not among the routes. */
  readonly current: Authorization;
  /** The routes whose rules the token meets, as a policy names them. */
  readonly patterns: readonly string[];
}

const NO_ROUTE: Authorization = {
  isAuthorized: false,
  allowed: undefined,
  principal: 'unknown',
  context: { status: 404 },
};

/**
 * Checks a token that the authorizer has accepted against the rules of each route.
 * @throws `ConfigError` with every problem of the routes.
 */
export function createRouteAccess(
  routes: LambdaRoutes,
  { validator, features, publicUrl, resource, sunset }: AuthorizerOptions<RestApiEvent>,
  subject: string,
): (event: RestApiEvent, allowed: AllowedRequest) => Promise<RouteAccess> {
  const shared = {
    validator,
    ...(features !== undefined && { features }),
    ...(publicUrl !== undefined && { publicUrl }),
    ...(resource !== undefined && { resource }),
    ...(sunset !== undefined && { sunset }),
  };
  const guarded = readLambdaRoutes(routes, subject).map(({ name, rules, patterns }) => ({
    patterns,
    check: createRouteGuard({ ...shared, ...rules }, restApiReader, `${subject}: routes.${name}`, {}),
  }));

  return async (event, allowed) => {
    const decided = await Promise.all(
      guarded.map(async ({ patterns, check }) => ({ patterns, decision: await check(event, allowed) })),
    );
    const method = routeOf(event.methodArn);
    const current = decided.find(({ patterns }) => isMatch(patterns, method));
    return {
      current: current === undefined ? NO_ROUTE : authorizationOf(current.decision),
      patterns: decided
        .filter(({ decision }) => typeof decision === 'object' && 'accessToken' in decision)
        .flatMap(({ patterns }) => patterns),
    };
  };
}
