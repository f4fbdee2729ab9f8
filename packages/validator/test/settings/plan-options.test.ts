import { type ConfigError, parsePlan } from '@crossfade/core';
import { expect, test } from 'vitest';
import { createValidator, validatorOptions } from '../../src/index.ts';

test('validatorOptions takes from a plan what a validator needs, and no more', () => {
  const plan = parsePlan({
    version: 1,
    migration: 'orders-2026',
    legacy: {
      issuer: 'https://idp.example.com',
      clientIds: ['web-app'],
      scope: 'openid',
      rolesClaim: 'cognito:groups',
    },
    target: {
      issuer: 'https://idp.example.com',
      audience: 'https://api.example.com/orders',
      resource: 'https://api.example.com/orders',
      scope: 'openid orders:read',
      typ: 'at+jwt',
      requiredScope: ['orders:read'],
      allowedClients: ['web-app'],
      claims: { tenant: ['a', 'b'] },
      rolesClaim: ['resource_access', 'orders-api', 'roles'],
    },
    clients: ['web-app'],
    clockTolerance: '2s',
    flags: { source: 'file', path: 'flags.json' },
  });

  const options = validatorOptions(plan);

  expect(options).toEqual({
    legacy: { issuer: 'https://idp.example.com', clientIds: ['web-app'], rolesClaim: 'cognito:groups' },
    target: {
      issuer: 'https://idp.example.com',
      audience: 'https://api.example.com/orders',
      typ: 'at+jwt',
      requiredScope: ['orders:read'],
      allowedClients: ['web-app'],
      claims: { tenant: ['a', 'b'] },
      rolesClaim: ['resource_access', 'orders-api', 'roles'],
    },
    clients: ['web-app'],
    clockTolerance: '2000ms',
  });
  expect(createValidator(options).acceptance()).toBe('both');
});

test.each([
  'https://idp.example.com',
  'https://idp.example.com/',
  'https://idp.example.com/@x',
  'https://login.microsoftonline.com/72f988bf-86f1-41af-91ab-2d7cd011db47/v2.0',
  'http://127.0.0.1:4000/realms/orders',
  'https://idp.example.com/a b',
  ' https://idp.example.com',
  'https://idp.example.com?tenant=a',
  'https://idp.example.com#a',
  'https://user@idp.example.com',
  'https://user:secret@idp.example.com',
  'http://idp.example.com',
  'idp.example.com',
  '',
])('agrees with the plan about the issuer "%s"', (issuer) => {
  const [legacy, target] = [
    { issuer, audience: 'default-api' },
    { issuer, audience: 'https://api.example.com/orders' },
  ];
  const flags = { source: 'file', path: 'flags.json' };
  const plan = { version: 1, migration: 'orders', legacy, target, clients: [], flags };
  const ofPlan = problemsOf(() => parsePlan(plan));
  expect(problemsOf(() => createValidator({ legacy, target, clients: [] }))).toEqual(ofPlan);
});

test('a plan says all that a validator can do to a side, in the same words', () => {
  const introspection = { clientId: 'orders-api', endpoint: 'https://idp.example.com/introspect' };
  const side = {
    issuer: ['https://idp.example.com', 'https://login.example.com'],
    audience: ['api://orders', 'orders'],
    keys: { url: 'http://keycloak:8080/certs', allowHttp: true },
    algorithms: ['ES256'],
    foreignAudiences: 'refuse',
    senderConstrained: 'dpop',
  };
  const plan = parsePlan({
    version: 1,
    migration: 'orders',
    legacy: { ...side, introspection: { ...introspection, clientSecretEnv: 'ORDERS_SECRET' } },
    target: { issuer: 'acme.com', audience: 'https://api.example.com', keys: 'https://acme.com/keys' },
    clients: [],
    maxTokenBytes: 20_000,
    flags: { source: 'file', path: 'flags.json' },
  });

  const options = validatorOptions(plan, { ORDERS_SECRET: 's3cret' });

  expect(options.legacy).toMatchObject({ ...side, introspection: { ...introspection, clientSecret: 's3cret' } });
  expect(options.maxTokenBytes).toBe(20_000);
  expect(
    createValidator(options)
      .openSides()
      .map(({ issuer }) => issuer),
  ).toEqual(['acme.com', side.issuer[0]]);
  for (const [environment, problem] of [
    [{}, 'not set'],
    [{ ORDERS_SECRET: '' }, 'empty'],
    [{ ORDERS_SECRET: 's3cret\n' }, 'a control character'],
  ] as const) {
    expect(problemsOf(() => validatorOptions(plan, environment))).toEqual([
      {
        path: 'legacy.introspection.clientSecretEnv',
        message: expect.stringMatching(`names the environment variable ORDERS_SECRET, which .*${problem}`),
      },
    ]);
    expect(() => validatorOptions(plan, environment)).not.toThrow(/s3cret/);
  }
});

test('an observing plan may take any audience, and its validator does not ask again', () => {
  const plan = parsePlan({
    version: 1,
    migration: 'orders',
    legacy: { issuer: 'https://idp.example.com', anyAudience: true },
    target: { issuer: 'https://idp.example.com', audience: 'https://api.example.com' },
    clients: ['web-app'],
    flags: { source: 'file', path: 'flags.json' },
    sidecar: { service: 'orders', upstream: 'http://127.0.0.1:3000' },
  });

  expect(createValidator(validatorOptions(plan)).acceptance()).toBe('both');
});

function problemsOf(read: () => unknown): unknown {
  try {
    read();
    return [];
  } catch (error) {
    return (error as ConfigError).problems;
  }
}
