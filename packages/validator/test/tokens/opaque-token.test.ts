import { expect, test } from 'vitest';
import { isOpaqueToken } from '../../src/tokens/opaque-token.ts';

test.each(['2YotnFZFEjr1zCsicMWpAA', 'ory_at.x', 'a.b.c.d', 'a.b.c.d.e', 'a+b/c==', '.', '...'])(
  '%j is opaque',
  (token) => {
    expect(isOpaqueToken(token)).toBe(true);
  },
);

test.each(['e30.e30.e30', 'a.b.c', '..', '', ' ', 'a b', 'a,b', 'tökén', 'a=b', 'a\n', '{"a":1}'])(
  '%j is not opaque',
  (token) => {
    expect(isOpaqueToken(token)).toBe(false);
  },
);
