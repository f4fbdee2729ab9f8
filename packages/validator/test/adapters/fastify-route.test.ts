import { ConfigError } from '@crossfade/core';
import { describe, expect, test } from 'vitest';
import { type CrossfadeRouteOptions, DEFAULT_ROUTE, readFastifyRoute } from '../../src/adapters/fastify-route.ts';
import { DEFAULT_RULES } from '../../src/guard/route-rules.ts';
import { createValidator } from '../../src/judge/validator.ts';

const features = { hasAccess: () => true };
const legacy = { issuer: 'https://idp.example.com', audience: 'default-api' };
const introspection = { endpoint: 'https://idp.example.com/introspect', clientId: 'api', clientSecret: 's' };
const settings = { features, validator: createValidator({ clients: [], legacy }) };
const introspecting = { features, validator: createValidator({ clients: [], legacy: { ...legacy, introspection } }) };

function problemsOf(options: object): Record<string, string> {
  try {
    readFastifyRoute(options, settings, '/orders');
  } catch (error) {
    if (error instanceof ConfigError) return Object.fromEntries(error.problems.map((p) => [p.path, p.message]));
    throw error;
  }
  return {};
}

describe('the options of a Fastify route', () => {
  test.each<[CrossfadeRouteOptions, object]>([
    [{}, DEFAULT_ROUTE],
    [{ public: true }, { ...DEFAULT_ROUTE, isPublic: true }],
    [
      { public: true, feature: 'shop' },
      { isPublic: true, rules: { ...DEFAULT_RULES, feature: 'shop' } },
    ],
    [
      { scope: 'a b', audience: 'target' },
      { isPublic: false, rules: { ...DEFAULT_RULES, scope: ['a', 'b'], audience: 'target' } },
    ],
    [
      { feature: 'dash', role: ['r', 's'] },
      { isPublic: false, rules: { ...DEFAULT_RULES, feature: 'dash', role: ['r', 's'] } },
    ],
  ])('are read: %j', (options, route) => {
    expect(readFastifyRoute(options, settings, '/orders')).toEqual(route);
  });

  test('are rejected with every problem, at the start and with the name of the route', () => {
    expect(Object.keys(problemsOf({ scope: 'a"', role: 'r', public: 'yes', scopes: 'b' })).toSorted()).toEqual([
      'public',
      'role',
      'scope',
      'scopes',
    ]);
    expect(() => readFastifyRoute({ scope: 'a"' }, settings, '/orders')).toThrow('route /orders: config.crossfade');
  });

  test.each([{ scope: 'a' }, { audience: 'target' }, { introspect: 'always' }, { feature: 'f', role: 'r' }])(
    'cannot be public and demand %j',
    (asked) => {
      expect(problemsOf({ public: true, ...asked })).toHaveProperty('public');
    },
  );

  test('need the features of the plugin with a feature', () => {
    expect(() => readFastifyRoute({ feature: 'dash' }, { ...settings, features: undefined }, '/dash')).toThrow(
      'needs the features option',
    );
  });

  test('need a validator that can ask the issuer, to introspect always', () => {
    expect(readFastifyRoute({ introspect: 'always' }, introspecting, '/vault').rules.introspects).toBe(true);
    expect(problemsOf({ introspect: 'always' })).toEqual({
      introspect: expect.stringContaining('needs introspection'),
    });
    expect(problemsOf({ introspect: 'sometimes' })).toEqual({ introspect: 'must be always, or left out' });
  });
});
