import { expect, test } from 'vitest';
import { oktaDialect } from '../../src/dialects/okta-dialect.ts';

const legacy = { scope: 'openid', issuer: 'https://example.okta.com/oauth2/default' };
const target = { scope: 'openid orders:read', issuer: 'https://example.okta.com/oauth2/orders' };

test('two authorization servers are two audiences, requested by scope alone', () => {
  expect(oktaDialect.pairProblems(legacy, target)).toEqual([]);
  expect(oktaDialect.parameters(target)).toEqual({ scope: 'openid orders:read' });
});

test('one authorization server for both sides is a problem: it has one audience', () => {
  expect(oktaDialect.pairProblems(legacy, { ...target, issuer: legacy.issuer })).toMatchObject([
    { path: 'target.issuer' },
  ]);
  expect(oktaDialect.pairProblems(legacy, { scope: target.scope })).toMatchObject([{ path: 'target.issuer' }]);
});

test('a resource is rejected rather than dropped', () => {
  expect(oktaDialect.problems({ ...target, resource: 'urn:orders' })).toMatchObject([{ path: 'resource' }]);
});
