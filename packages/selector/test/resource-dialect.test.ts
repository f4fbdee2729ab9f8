import { expect, test } from 'vitest';
import { resourceDialect } from '../src/resource-dialect.ts';

const legacy = { scope: 'openid' };

test('the resource is sent beside the scope', () => {
  const side = { scope: 'openid', resource: 'https://api.example.com/orders' };
  expect(resourceDialect.parameters(side)).toEqual(side);
  expect(resourceDialect.pairProblems(legacy, side)).toEqual([]);
});

test('two sides with one resource, or with none, would get one audience', () => {
  const paths = (resource: object) =>
    resourceDialect.pairProblems({ ...legacy, ...resource }, { scope: 'openid orders:read', ...resource });
  expect(paths({})).toMatchObject([{ path: 'target.resource' }]);
  expect(paths({ resource: 'urn:orders' })).toMatchObject([{ path: 'target.resource' }]);
});

test('two issuers tell the sides apart by themselves', () => {
  expect(resourceDialect.pairProblems({ ...legacy, issuer: 'https://a' }, { ...legacy, issuer: 'https://b' })).toEqual(
    [],
  );
});
