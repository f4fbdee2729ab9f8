import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { DEFAULT_RULES, roleNeedsFeature, routeRules, routeShape } from '../../src/guard/route-rules.ts';

const schema = z.strictObject(routeShape).refine(roleNeedsFeature.isMet, roleNeedsFeature.otherwise);

describe('the options of a route', () => {
  test.each([
    [{}, {}],
    [{ scope: 'a  b' }, { scope: ['a', 'b'] }],
    [{ scope: ['a', 'b'] }, { scope: ['a', 'b'] }],
    [{ scope: '' }, {}],
    [{ audience: 'target' }, { audience: 'target' }],
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
