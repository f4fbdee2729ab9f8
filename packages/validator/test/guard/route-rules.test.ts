import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { canIntrospect, DEFAULT_RULES, roleNeedsFeature, routeRules, routeShape } from '../../src/guard/route-rules.ts';

const schema = z.strictObject(routeShape).refine(roleNeedsFeature.isMet, roleNeedsFeature.otherwise);

describe('the options of a route', () => {
  test.each([
    [{}, {}],
    [{ scope: 'a  b' }, { scope: ['a', 'b'] }],
    [{ scope: ['a', 'b'] }, { scope: ['a', 'b'] }],
    [{ scope: '' }, {}],
    [{ audience: 'target' }, { audience: 'target' }],
    [{ introspect: 'always' }, { introspects: true }],
    [
      { feature: 'f', role: 'r' },
      { feature: 'f', role: ['r'] },
    ],
    [
      { feature: 'f', role: ['r', 's'] },
      { feature: 'f', role: ['r', 's'] },
    ],
  ])('become rules: %j', (options, rules) => {
    expect(routeRules(schema.parse(options))).toEqual({ ...DEFAULT_RULES, ...rules });
  });

  test.each([
    ['scope', { scope: ['a b'] }],
    ['scope', { scope: 'a"' }],
    ['scope', { scope: 1 }],
    ['audience', { audience: 'legacy' }],
    ['introspect', { introspect: true }],
    ['introspect', { introspect: 'never' }],
    ['feature', { feature: '' }],
    ['role', { role: 'r' }],
    ['role', { role: 'r', scope: [] }],
    ['role', { feature: 'f', role: [] }],
    ['role', { feature: 'f', role: '' }],
    ['role', { feature: 'f', role: ['r', ''] }],
  ])('report a wrong %s: %j', (path, options) => {
    expect(schema.safeParse(options).error?.issues.map((issue) => issue.path[0])).toEqual([path]);
  });
});

describe('a route that introspects always', () => {
  type Sides = Parameters<typeof canIntrospect>[1];
  const withSides = (sides: Record<string, boolean>): Sides => ({
    introspect: () => Promise.reject(new Error('not asked')),
    introspection: () =>
      Object.entries(sides).map(([side, isConfigured]) => ({ side: side as 'legacy' | 'target', isConfigured })),
  });

  test.each<[boolean, object, Sides | undefined]>([
    [true, {}, undefined],
    [true, {}, withSides({ legacy: false, target: false })],
    [true, { introspect: 'always' }, withSides({ legacy: true, target: true })],
    [true, { introspect: 'always' }, withSides({ legacy: true })],
    [true, { introspect: 'always', audience: 'target' }, withSides({ legacy: false, target: true })],
    [false, { introspect: 'always', audience: 'target' }, withSides({ legacy: true, target: false })],
    [false, { introspect: 'always', audience: 'target' }, withSides({ legacy: true })],
    [false, { introspect: 'always' }, withSides({ legacy: false, target: true })],
    [false, { introspect: 'always' }, withSides({ legacy: true, target: false })],
    [false, { introspect: 'always' }, {}],
    [false, { introspect: 'always' }, undefined],
  ])('is %s by the sides whose tokens it accepts (%j)', (expected, route, validator) => {
    expect(canIntrospect(route, validator)).toBe(expected);
  });
});
