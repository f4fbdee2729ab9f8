import { expect, test } from 'vitest';
import { resourceDialect } from '../../src/dialects/resource-dialect.ts';

const legacy = { scope: 'openid' };

test('the resource is sent with the scope', () => {
  const side = { scope: 'openid', resource: 'https://api.example.com/orders' };
  expect(resourceDialect.parameters(side)).toEqual(side);
  expect(resourceDialect.pairProblems(legacy, side)).toEqual([]);
});

test('two sides with the same resource, or with none, are a problem: they would get one audience', () => {
  const paths = (resource: object) =>
    resourceDialect.pairProblems({ ...legacy, ...resource }, { scope: 'openid orders:read', ...resource });
  expect(paths({})).toMatchObject([{ path: 'target.resource' }]);
  expect(paths({ resource: 'urn:orders' })).toMatchObject([{ path: 'target.resource' }]);
});

test('two issuers are enough to distinguish the sides', () => {
  expect(resourceDialect.pairProblems({ ...legacy, issuer: 'https://a' }, { ...legacy, issuer: 'https://b' })).toEqual(
    [],
  );
});
