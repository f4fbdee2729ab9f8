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
  const ofPlan = problemsOf(() => parsePlan({ version: 1, migration: 'orders', legacy, target, flags }));
  expect(problemsOf(() => createValidator({ clients: [], legacy, target }))).toEqual(ofPlan);
});

function problemsOf(read: () => unknown): unknown {
  try {
    read();
    return [];
  } catch (error) {
    return (error as ConfigError).problems;
  }
}
