import { expect, test } from 'vitest';
import { combineSelectors } from '../src/combine-selectors.ts';
import { createSelector } from '../src/create-selector.ts';
import type { Dialect, SelectableSide } from '../src/dialects/dialect.ts';
import type { Selector } from '../src/selector.ts';

const issuance = () => ({ enabled: false, percent: 0, revision: '1', sinceMs: null });

function selector(salt: string, legacy: SelectableSide, target: SelectableSide, dialect?: Dialect): Selector {
  return createSelector({ legacy, target, salt, issuance, ...(dialect !== undefined && { dialect }) });
}

function problemsOf(...selectors: unknown[]): readonly unknown[] {
  try {
    combineSelectors(selectors as readonly Selector[]);
    return [];
  } catch (error) {
    return (error as { problems: { path: string; message: string }[] }).problems.map(
      ({ path, message }) => `${path}: ${message}`,
    );
  }
}

const profile = { scope: 'openid profile' };
const orders = selector('orders', profile, { scope: 'openid orders:read' });

test.each([
  ['no list', undefined],
  ['an empty list', []],
])('%s is refused', (_, selectors) => {
  expect(() => combineSelectors(selectors as unknown as readonly Selector[])).toThrow(
    expect.objectContaining({
      code: 'config_invalid',
      problems: [{ path: 'selectors', message: 'must be a list of selectors, at least one' }],
    }),
  );
});

test('what is no selector is named by its place', () => {
  expect(problemsOf(orders, null, {})).toEqual([
    'selectors[1]: must be a selector: createSelector creates one',
    'selectors[2]: must be a selector: createSelector creates one',
  ]);
});

test('a salt of two migrations is refused: they would share their buckets', () => {
  expect(problemsOf(orders, orders)).toEqual([
    'selectors[1].salt: must differ from that of selectors[0]: each migration has a salt of its own',
  ]);
});

test('selectors of two providers are refused', () => {
  const keycloak = selector('billing', profile, { scope: 'openid billing:read' }, 'keycloak');
  expect(problemsOf(orders, keycloak)).toEqual([
    'selectors[1].dialect: must be that of selectors[0]: one login goes to one provider',
  ]);
  const here = { issuer: 'https://idp.example.com', scope: 'openid' };
  const there = { issuer: 'https://other.example.com', scope: 'openid billing:read' };
  expect(problemsOf(selector('a', here, { ...here, scope: 'a:read' }), selector('b', here, there))[0]).toMatch(
    /^selectors\[1\].target: cannot be requested together with selectors\[0\].legacy: they have different issuers/,
  );
});

test('an issuer with several names is one issuer', () => {
  const renamed = {
    issuer: 'https://new.example.com',
    issuers: ['https://new.example.com', 'https://idp.example.com'],
  };
  const one = selector('a', { ...renamed, scope: 'openid' }, { ...renamed, scope: 'a:read' });
  const old = { issuer: 'https://idp.example.com' };
  expect(problemsOf(one, selector('b', { ...old, scope: 'openid' }, { ...old, scope: 'b:read' }))).toEqual([]);
});

test('Auth0 takes one audience a request', () => {
  const of = (name: string) =>
    selector(name, { scope: 'openid', audience: 'default' }, { scope: `${name}:read`, audience: name }, 'auth0');
  expect(problemsOf(of('orders'), of('billing'))).toEqual([
    'selectors[1].legacy: cannot be requested together with selectors[0].target: an Auth0 request takes one audience: log in for each API',
  ]);
});

test('an Entra request is for one API', () => {
  const of = (name: string) =>
    selector(name, { scope: 'openid api://legacy/read' }, { scope: `openid api://${name}/read` }, 'entra');
  expect(problemsOf(of('orders'), of('billing'))).toEqual([
    'selectors[1].legacy: cannot be requested together with selectors[0].target: an Entra request is for one API: log in for each',
  ]);
});

test('an Okta authorization server has one audience', () => {
  const of = (name: string) =>
    selector(
      name,
      { scope: 'openid', issuer: 'https://okta.example.com/oauth2/default' },
      { scope: 'openid', issuer: `https://okta.example.com/oauth2/${name}` },
      'okta',
    );
  expect(problemsOf(of('orders'), of('billing'))).toHaveLength(1);
});

test('Cognito binds a token to one resource, and takes scopes of several resource servers', () => {
  const bound = (name: string) =>
    selector(name, { scope: 'openid' }, { scope: 'openid read', resource: `https://${name}.example.com` }, 'cognito');
  expect(problemsOf(bound('orders'), bound('billing'))[0]).toMatch(/Cognito binds a token to one resource/);
  const plain = (name: string) => selector(name, { scope: 'openid' }, { scope: `openid ${name}/read` }, 'cognito');
  expect(problemsOf(plain('orders'), plain('billing'))).toEqual([]);
});

test("PingOne rejects its own API's scopes together with those of others", () => {
  const own = selector('own', { scope: 'openid' }, { scope: 'p1:read:user' }, 'pingone');
  const of = (name: string) => selector(name, { scope: 'openid' }, { scope: `${name}:read` }, 'pingone');
  expect(problemsOf(own, of('billing'))[0]).toMatch(/must not combine the PingOne API's values/);
  expect(problemsOf(of('orders'), of('billing'))).toEqual([]);
});

test('where the resource chooses the audience, every side needs one: the default audience would be lost', () => {
  const of = (name: string, legacy: SelectableSide) =>
    selector(name, legacy, { scope: `${name}:read`, resource: `https://api.example.com/${name}` }, 'resource');
  expect(problemsOf(of('orders', profile), of('billing', profile))[0]).toMatch(
    /^selectors\[1\].legacy: cannot be requested together with selectors\[0\].target: one has no resource/,
  );
  const named = { ...profile, resource: 'https://api.example.com/' };
  expect(problemsOf(of('orders', named), of('billing', named))).toEqual([]);
});

test('a side without a scope is refused beside one that has a scope: the default scope would be lost', () => {
  const bare = selector('bare', { scope: '' }, { scope: '', resource: 'https://api.example.com/bare' });
  expect(problemsOf(orders, bare)[0]).toMatch(/one has no scope, which requests the provider's default/);
  const other = selector('other', { scope: '' }, { scope: '', resource: 'https://api.example.com/other' });
  expect(problemsOf(bare, other)).toEqual([]);
});

test('each selector is reported once', () => {
  const of = (name: string) =>
    selector(name, { scope: 'openid', audience: 'default' }, { scope: 'read', audience: name }, 'auth0');
  expect(problemsOf(of('a'), of('b'), of('c'))).toHaveLength(2);
});
