import { parsePlan } from '@crossfade/core';
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
      clients: ['web-app'],
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
      clients: ['web-app'],
      claims: { tenant: ['a', 'b'] },
      rolesClaim: ['resource_access', 'orders-api', 'roles'],
    },
    clients: ['web-app'],
    clockTolerance: '2000ms',
  });
  expect(createValidator(options).acceptance()).toBe('both');
});
