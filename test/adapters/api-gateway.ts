import type { APIGatewayAuthorizerResult, APIGatewaySimpleAuthorizerWithContextResult } from 'aws-lambda';
import type { ReceivedResponse } from './adapter.ts';

type Context = Readonly<Record<string, unknown>>;

/** What an authorizer returns to API Gateway: a simple response, or a policy. */
export type Authorized = APIGatewaySimpleAuthorizerWithContextResult<Context> | APIGatewayAuthorizerResult;

/**
 * Responds as API Gateway does: 200 or 403 by what the authorizer returns, 401 when it throws `Unauthorized`, 500 when
 * it throws anything else. An operator can map the authorizer's context into the 403 of a REST API, and an API into its own
 * response headers.
 */
export async function respondAsApiGateway(
  authorize: () => Promise<Authorized>,
  methodArn: string,
): Promise<ReceivedResponse> {
  let authorized: Authorized;
  try {
    authorized = await authorize();
  } catch (error) {
    return bare(error instanceof Error && error.message === 'Unauthorized' ? 401 : 500);
  }
  const { status, subject, challenge, problem, deprecation, sunset }: Context = authorized.context ?? {};
  if (allows(authorized, methodArn))
    return { ...bare(200), body: String(subject), deprecation: textOf(deprecation), sunset: textOf(sunset) };
  if (status === 404) return bare(403);
  const body = { contentType: 'application/problem+json', body: String(problem) };
  return { ...bare(403), ...body, challenge: String(challenge) };
}

function allows(authorized: Authorized, methodArn: string): boolean {
  if ('isAuthorized' in authorized) return authorized.isAuthorized;
  const statements = authorized.policyDocument.Statement.filter((statement) => {
    const resources = 'Resource' in statement ? [statement.Resource].flat() : [];
    return resources.some((resource) => isLike(String(resource), methodArn));
  });
  return statements.length > 0 && statements.every(({ Effect }) => Effect === 'Allow');
}

/** As IAM matches an ARN: `*` stands for any characters, slashes included. */
function isLike(pattern: string, arn: string): boolean {
  const literals = pattern.split('*').map((text) => text.replaceAll(/[^\w]/g, '\\$&'));
  return new RegExp(`^${literals.join('.*')}$`).test(arn);
}

/** An authorizer as API Gateway has it: a function, with a cache of its own. */
export interface CachingAuthorizer {
  /** `GET` of `/orders` as `GET/orders`; the status that the client gets. */
  request(method: string, authorization: string): Promise<number>;
  /** How often the function was called. */
  readonly calls: () => number;
}

const STAGE = 'arn:aws:execute-api:eu-central-1:123456789012:abcdef1234/prod';

/**
 * Caches what an authorizer of a REST API returns, by its identity source, and applies a cached policy to every method
 * that uses the authorizer, as API Gateway does with a TTL above 0. What the authorizer throws is not cached.
 */
export function withCache(
  authorize: (event: { type: 'TOKEN'; methodArn: string; authorizationToken: string }) => Promise<Authorized>,
): CachingAuthorizer {
  const cache = new Map<string, Authorized>();
  let calls = 0;
  return {
    async request(method, authorizationToken) {
      const methodArn = `${STAGE}/${method}`;
      const call = async () => {
        calls += 1;
        const returned = await authorize({ type: 'TOKEN', methodArn, authorizationToken });
        cache.set(authorizationToken, returned);
        return returned;
      };
      const cached = cache.get(authorizationToken);
      const response = await respondAsApiGateway(async () => cached ?? call(), methodArn);
      return response.status;
    },
    calls: () => calls,
  };
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function bare(status: number): ReceivedResponse {
  const none = { challenge: undefined, retryAfter: undefined, contentType: undefined };
  return { status, ...none, deprecation: undefined, sunset: undefined, body: '' };
}
