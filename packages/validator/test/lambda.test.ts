import { createHash } from 'node:crypto';
import { type Judgement, UnavailableError } from '@crossfade/core';
import { beforeEach, describe, expect, test } from 'vitest';
import { createValidator, type Validator } from '../src/index.ts';
import {
  createHttpApiAuthorizer,
  createRestApiAuthorizer,
  type HttpApiEvent,
  type LambdaRoutes,
  type RestApiRequestEvent,
} from '../src/lambda.ts';
import { createDpopKey, prove } from './dpop.ts';
import { createSigningKey, sign } from './issuer.ts';

const ISSUER = 'https://idp.example.com';
const STAGE = 'arn:aws:execute-api:eu-central-1:123456789012:abcdef1234/prod';
const ARN = `${STAGE}/GET/orders`;
const key = await createSigningKey({ kid: 'a' });
const pem = `-----BEGIN CERTIFICATE-----\n${Buffer.from('cert').toString('base64')}\n-----END CERTIFICATE-----\n`;
const certificate = createHash('sha256').update('cert').digest('base64url');

let validator: Validator;

beforeEach(() => {
  validator = createValidator({
    clients: [],
    legacy: { issuer: ISSUER, audience: 'default-api', keys: { keys: [key.publicJwk] } },
  });
});

const exp = Math.floor(Date.now() / 1000) + 600;

async function bearer(claims: Record<string, unknown> = {}): Promise<string> {
  const ordinary = { iss: ISSUER, aud: 'default-api', sub: 'u1', client_id: 'app', scope: 'a b', roles: ['x y'], exp };
  return `Bearer ${await sign({ ...ordinary, ...claims }, key)}`;
}

function httpApiEvent(headers: Record<string, string>, clientCertPem?: string): HttpApiEvent {
  return {
    version: '2.0',
    rawPath: '/orders',
    headers,
    requestContext: {
      domainName: 'api.example.com',
      http: { method: 'GET' },
      authentication: clientCertPem === undefined ? null : { clientCert: { clientCertPem } },
    },
  };
}

function restApiEvent(multiValueHeaders: Record<string, string[]>, clientCertPem?: string): RestApiRequestEvent {
  return {
    type: 'REQUEST',
    methodArn: ARN,
    httpMethod: 'GET',
    headers: Object.fromEntries(Object.entries(multiValueHeaders).map(([name, [value]]) => [name, value])),
    multiValueHeaders,
    requestContext: {
      domainName: 'api.example.com',
      path: '/prod/orders',
      identity: { clientCert: clientCertPem === undefined ? null : { clientCertPem } },
    },
  };
}

const context = {
  audience: 'legacy',
  subject: 'u1',
  clientId: 'app',
  scope: 'a b',
  roles: '["x y"]',
  expiresAt: exp,
};

describe('the authorizer of an HTTP API', () => {
  test('passes the token on to the integration', async () => {
    const authorize = createHttpApiAuthorizer({ validator });

    expect(await authorize(httpApiEvent({ authorization: await bearer() }))).toEqual({ isAuthorized: true, context });
  });

  test('throws the one message that means 401, and nothing of the token', async () => {
    const authorize = createHttpApiAuthorizer({ validator });

    await expect(authorize(httpApiEvent({}))).rejects.toThrow(/^Unauthorized$/);
    await expect(authorize(httpApiEvent({ authorization: await bearer({ aud: 'x' }) }))).rejects.toThrow(
      /^Unauthorized$/,
    );
  });

  test('denies with a reason where API Gateway has to respond with 403', async () => {
    const event = httpApiEvent({ authorization: await bearer() });

    const denied = await createHttpApiAuthorizer({ validator, scope: 'c' })(event);
    expect(denied).toMatchObject({ isAuthorized: false, context: { status: 403 } });
    expect(denied.context['challenge']).toContain('scope="c"');
    const features = { hasAccess: () => false };
    const hidden = await createHttpApiAuthorizer({ validator, features, feature: 'f' })(event);
    expect(hidden).toEqual({ isAuthorized: false, context: { status: 404 } });
  });

  test('throws an error that API Gateway turns into 500 while keys are unreachable', async () => {
    const keys = new URL('http://127.0.0.1:1/jwks');
    const cut = createValidator({ clients: [], legacy: { issuer: ISSUER, audience: 'default-api', keys } });
    const judged = createHttpApiAuthorizer({ validator: cut })(httpApiEvent({ authorization: await bearer() }));

    await expect(judged).rejects.toBeInstanceOf(UnavailableError);
  });

  test('reads the certificate that API Gateway verified', async () => {
    const authorize = createHttpApiAuthorizer({ validator });
    const headers = { authorization: await bearer({ cnf: { 'x5t#S256': certificate } }) };

    expect(await authorize(httpApiEvent(headers, pem))).toMatchObject({ isAuthorized: true });
    await expect(authorize(httpApiEvent(headers))).rejects.toThrow('Unauthorized');
  });

  test('throws with the payload format that it needs', async () => {
    const event = { ...httpApiEvent({ authorization: await bearer() }), version: '1.0' };

    await expect(createHttpApiAuthorizer({ validator })(event)).rejects.toThrow('payload format: must be 2.0');
  });
});

describe('the authorizer of a REST API', () => {
  const policy = (Effect: string, Resource: string | string[] = `${STAGE}/*/*`) => ({
    Version: '2012-10-17',
    Statement: [{ Action: 'execute-api:Invoke', Effect, Resource }],
  });

  test('allows every method of the stage, because API Gateway caches the policy for all of them', async () => {
    const authorize = createRestApiAuthorizer({ validator });
    const authorization = await bearer();
    const allowed = { principalId: 'u1', policyDocument: policy('Allow'), context };

    expect(await authorize({ type: 'TOKEN', methodArn: ARN, authorizationToken: authorization })).toEqual(allowed);
    expect(await authorize(restApiEvent({ Authorization: [authorization] }))).toEqual(allowed);
    const { headers } = restApiEvent({ Authorization: [authorization] });
    expect(await authorize({ ...restApiEvent({}), headers, multiValueHeaders: null })).toEqual(allowed);
  });

  test('names the client where a token has no subject', async () => {
    const event = restApiEvent({ Authorization: [await bearer({ sub: undefined })] });

    expect(await createRestApiAuthorizer({ validator })(event)).toMatchObject({ principalId: 'app' });
  });

  test('denies for missing scope, with a context for the ACCESS_DENIED response', async () => {
    const authorize = createRestApiAuthorizer({ validator, scope: 'c' });
    const denied = await authorize(restApiEvent({ Authorization: [await bearer()] }));

    expect(denied).toMatchObject({ policyDocument: policy('Deny'), context: { status: 403 } });
    expect(JSON.parse(String(denied.context['problem']))).toMatchObject({ reason: 'insufficient_scope' });
  });

  test('allows the routes whose rules the token meets', async () => {
    const routes = {
      'GET /orders': { scope: 'a' },
      'POST /orders': { scope: 'c' },
      'GET /orders/{id}': { scope: 'b' },
    };
    const authorize = createRestApiAuthorizer({ validator, routes });
    const event = restApiEvent({ Authorization: [await bearer()] });
    const met = policy('Allow', [`${STAGE}/GET/orders`, `${STAGE}/GET/orders/*`]);

    expect(await authorize(event)).toEqual({ principalId: 'u1', policyDocument: met, context });
    const denied = await authorize({ ...event, methodArn: `${STAGE}/POST/orders` });
    expect(denied).toMatchObject({ policyDocument: met, context: { status: 403 } });
    expect(denied.context['challenge']).toContain('scope="c"');
    const unknown = await authorize({ ...event, methodArn: `${STAGE}/GET/invoices` });
    expect(unknown).toEqual({ principalId: 'unknown', policyDocument: met, context: { status: 404 } });
  });

  test('reports a token once, however many routes there are', async () => {
    const reasons: string[] = [];
    const onJudgement = (judgement: Judgement) => reasons.push(judgement.outcome);
    const routes = { 'GET /orders': { scope: 'a' }, 'POST /orders': { scope: 'c' } };

    await createRestApiAuthorizer({ validator, routes, onJudgement })(
      restApiEvent({ Authorization: [await bearer()] }),
    );
    expect(reasons).toEqual(['accepted']);
  });

  test('allows the one method that a DPoP proof is for, and passes the nonce on', async () => {
    const dpop = { nonce: { secret: 'a secret of more than thirty-two characters' } };
    const keys = { keys: [key.publicJwk] };
    const strict = createValidator({ legacy: { issuer: ISSUER, audience: 'default-api', keys }, clients: [], dpop });
    const client = await createDpopKey();
    const token = (await bearer({ cnf: { jkt: client.thumbprint } })).slice('Bearer '.length);
    const nowSeconds = Date.now() / 1000;
    const signed = { method: 'GET', url: 'https://shop.example.com/api/prod/orders', token, nowSeconds };
    const routes = { 'GET /orders': { scope: 'a' }, 'POST /orders': { scope: 'a' } };
    const authorize = createRestApiAuthorizer({ validator: strict, routes, publicUrl: 'https://shop.example.com/api' });
    const { nonce } = strict.dpopChallenge();
    const proof = await prove(client, signed, { claims: { nonce } });

    expect(await authorize(restApiEvent({ Authorization: [`DPoP ${token}`], DPoP: [proof] }))).toMatchObject({
      policyDocument: policy('Allow', ARN),
      context: { subject: 'u1', dpopNonce: nonce },
    });
  });

  test('reads every header, in any spelling', async () => {
    const authorize = createRestApiAuthorizer({ validator });
    const authorization = await bearer();

    await expect(authorize(restApiEvent({ Authorization: [authorization, authorization] }))).rejects.toThrow();
    const spelled = restApiEvent({ Authorization: [authorization], authorization: [authorization] });
    await expect(authorize(spelled)).rejects.toThrow('Unauthorized');
  });

  test('reads the certificate that API Gateway verified', async () => {
    const authorize = createRestApiAuthorizer({ validator });
    const headers = { Authorization: [await bearer({ cnf: { 'x5t#S256': certificate } })] };

    expect(await authorize(restApiEvent(headers, pem))).toMatchObject({ policyDocument: policy('Allow') });
    await expect(authorize(restApiEvent(headers))).rejects.toThrow('Unauthorized');
  });

  test('throws with the payload format that it needs', async () => {
    const event = httpApiEvent({}) as unknown as RestApiRequestEvent;

    await expect(createRestApiAuthorizer({ validator })(event)).rejects.toThrow('payload format: must be 1.0');
  });
});

test('the authorizer of a REST API lists the problems of its routes', () => {
  const authorizer = (routes: object) => () => createRestApiAuthorizer({ validator, routes: routes as LambdaRoutes });

  expect(authorizer({ 'GET orders': {}, orders: {} })).toThrow(/routes.GET orders: must be.*routes.orders: must be/);
  expect(authorizer({ 'GET /orders': { scop: 'a' } })).toThrow('REST API authorizer: routes.GET /orders: scop: is not');
});

test('an authorizer lists every problem of its options', () => {
  const options = { scope: 5, features: {} } as unknown as Parameters<typeof createHttpApiAuthorizer>[0];

  expect(() => createHttpApiAuthorizer(options)).toThrow(/HTTP API authorizer: validator: .*features: .*scope: /);
  expect(() => createRestApiAuthorizer(options as object as Parameters<typeof createRestApiAuthorizer>[0])).toThrow(
    'REST API authorizer',
  );
});
