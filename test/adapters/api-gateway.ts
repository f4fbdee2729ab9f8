import type { APIGatewayAuthorizerResult, APIGatewaySimpleAuthorizerWithContextResult } from 'aws-lambda';
import type { ReceivedResponse } from './adapter.ts';

type Context = Readonly<Record<string, unknown>>;

/** What an authorizer returns to API Gateway: a simple response, or a policy. */
export type Authorized = APIGatewaySimpleAuthorizerWithContextResult<Context> | APIGatewayAuthorizerResult;

/**
 * Responds as API Gateway does: 200 or 403 by what the authorizer returns, 401 when it throws `Unauthorized`, 500 when
 * it throws anything else. An operator can map the authorizer's context into the 403 of a REST API.
 */
export async function respondAsApiGateway(authorize: () => Promise<Authorized>): Promise<ReceivedResponse> {
  let authorized: Authorized;
  try {
    authorized = await authorize();
  } catch (error) {
    return bare(error instanceof Error && error.message === 'Unauthorized' ? 401 : 500);
  }
  const { status, subject, challenge, problem }: Context = authorized.context ?? {};
  if (allows(authorized)) return { ...bare(200), body: String(subject) };
  if (status === 404) return bare(403);
  const body = { contentType: 'application/problem+json', body: String(problem) };
  return { ...bare(403), ...body, challenge: String(challenge) };
}

function allows(authorized: Authorized): boolean {
  if ('isAuthorized' in authorized) return authorized.isAuthorized;
  return authorized.policyDocument.Statement.every(({ Effect }) => Effect === 'Allow');
}

function bare(status: number): ReceivedResponse {
  return { status, challenge: undefined, retryAfter: undefined, contentType: undefined, body: '' };
}
