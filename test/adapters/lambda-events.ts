import type {
  APIGatewayRequestAuthorizerEvent,
  APIGatewayRequestAuthorizerEventV2,
  APIGatewayTokenAuthorizerEvent,
} from 'aws-lambda';
import type { SentRequest } from './adapter.ts';

const ARN = 'arn:aws:execute-api:eu-central-1:123456789012:abcdef1234/prod/POST';

export function methodArnOf({ path }: Pick<SentRequest, 'path'>): string {
  return `${ARN}${path}`;
}

/** The event of payload format 2.0: names in lower case, values joined. */
export function httpApiEvent({ path, query, headers }: SentRequest): APIGatewayRequestAuthorizerEventV2 {
  const values = [...byName(headers)].map(([name, list]) => [name.toLowerCase(), list.join(',')] as const);
  return {
    version: '2.0',
    type: 'REQUEST',
    routeArn: `${ARN}${path}`,
    identitySource: [],
    routeKey: `POST ${path}`,
    rawPath: path,
    rawQueryString: query,
    cookies: [],
    headers: Object.fromEntries(values),
    requestContext: {
      accountId: '123456789012',
      apiId: 'abcdef1234',
      domainName: 'abcdef1234.execute-api.eu-central-1.amazonaws.com',
      domainPrefix: 'abcdef1234',
      http: { method: 'POST', path, protocol: 'HTTP/1.1', sourceIp: '192.0.2.1', userAgent: 'test' },
      requestId: 'id',
      routeKey: `POST ${path}`,
      stage: '$default',
      time: '21/Nov/2026:22:00:00 +0000',
      timeEpoch: 1_795_298_400_000,
    },
  };
}

/** The REQUEST event: names as the client spelled them; `headers` has the last value of each. */
export function restRequestEvent({ path, headers }: SentRequest): APIGatewayRequestAuthorizerEvent {
  const values = [...byName(headers)];
  return {
    type: 'REQUEST',
    methodArn: `${ARN}${path}`,
    resource: path,
    path,
    httpMethod: 'POST',
    headers: Object.fromEntries(values.map(([name, list]) => [name, list.at(-1)])),
    multiValueHeaders: Object.fromEntries(values),
    pathParameters: null,
    queryStringParameters: null,
    multiValueQueryStringParameters: null,
    stageVariables: null,
    requestContext: {
      accountId: '123456789012',
      apiId: 'abcdef1234',
      authorizer: undefined,
      domainName: 'abcdef1234.execute-api.eu-central-1.amazonaws.com',
      httpMethod: 'POST',
      identity: {
        accessKey: null,
        accountId: null,
        apiKey: null,
        apiKeyId: null,
        caller: null,
        clientCert: null,
        cognitoAuthenticationProvider: null,
        cognitoAuthenticationType: null,
        cognitoIdentityId: null,
        cognitoIdentityPoolId: null,
        principalOrgId: null,
        sourceIp: '192.0.2.1',
        user: null,
        userAgent: null,
        userArn: null,
      },
      path,
      protocol: 'HTTP/1.1',
      requestId: 'id',
      requestTimeEpoch: 1_795_298_400_000,
      resourceId: 'resource',
      resourcePath: path,
      stage: 'prod',
    },
  };
}

/** The TOKEN event: one header of one value. */
export function restTokenEvent({ path, headers }: SentRequest): APIGatewayTokenAuthorizerEvent {
  const [authorizationToken = ''] = byName(headers).get('authorization') ?? [];
  return { type: 'TOKEN', methodArn: `${ARN}${path}`, authorizationToken };
}

function byName(headers: SentRequest['headers']): ReadonlyMap<string, string[]> {
  const byName = new Map<string, string[]>();
  for (const [name, value] of headers) byName.set(name, [...(byName.get(name) ?? []), value]);
  return byName;
}
