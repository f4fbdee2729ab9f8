import type { APIGatewayAuthorizerResult, APIGatewaySimpleAuthorizerWithContextResult } from 'aws-lambda';
import type { Answer } from './adapter.ts';

type Context = Readonly<Record<string, unknown>>;

/** What API Gateway takes from an authorizer: a simple response, or a policy. */
export type Authorized = APIGatewaySimpleAuthorizerWithContextResult<Context> | APIGatewayAuthorizerResult;

/**
 * Answers as API Gateway does: 200 or 403 by what the authorizer returns, 401 when it throws `Unauthorized`, 500 when
 * it throws anything else. What an operator can map into the 403 of a REST API comes from the authorizer's context.
 */
export async function answerAsApiGateway(authorize: () => Promise<Authorized>): Promise<Answer> {
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

function bare(status: number): Answer {
  return { status, challenge: undefined, retryAfter: undefined, contentType: undefined, body: '' };
}
