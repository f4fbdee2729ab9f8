import { describe, expect, test } from 'vitest';
import { optionsSchema } from '../../src/settings/options-schema.ts';
import { createSigningKey } from '../issuer.ts';

const ISSUER = 'https://idp.example.com';
const [one, other] = await Promise.all([createSigningKey({ kid: 'a' }), createSigningKey({ kid: 'b' })]);
const legacy = { issuer: ISSUER, audience: 'default-api' };
const target = { issuer: ISSUER, audience: 'https://api.example.com/orders' };
const asking = { clientId: 'api', clientSecret: 's', endpoint: 'https://idp.example.com/introspect' };

function pathsOf(options: unknown): readonly string[] {
  return optionsSchema.safeParse(options).error?.issues.map(({ path }) => path.join('.')) ?? [];
}

test('a side without options accepts every asymmetric algorithm and has no rules', () => {
  const { legacy: side, ...others } = optionsSchema.parse({ legacy });

  expect(side).toMatchObject({ requiredScope: [], claims: {}, foreignAudiences: [] });
  expect(side.algorithms).toEqual(expect.arrayContaining(['RS256', 'PS256', 'ES256', 'EdDSA']));
  expect(side.algorithms.filter((algorithm) => /^(HS|none)/.test(algorithm))).toEqual([]);
  expect(others).toMatchObject({ acceptance: 'both', clients: [], clockTolerance: '5s', maxTokenBytes: 8192 });
});

describe('two sides of one issuer', () => {
  test.each<[string, object, object, readonly string[]]>([
    ['with two audiences', {}, {}, []],
    ['with one audience', {}, { audience: 'default-api' }, ['target.audience']],
    [
      'that share a client',
      { audience: undefined, clientIds: ['a', 'b'] },
      { audience: undefined, clientIds: ['b'] },
      ['target.clientIds'],
    ],
    ['with one key set', { keys: { keys: [one.publicJwk] } }, { keys: { keys: [one.publicJwk] } }, []],
    ['with two key sets', { keys: { keys: [one.publicJwk] } }, { keys: { keys: [other.publicJwk] } }, ['target.keys']],
    ['that name roles differently', { rolesClaim: 'roles' }, { rolesClaim: ['realm_access', 'roles'] }, []],
    [
      'with impliesAudience on both',
      { introspection: { ...asking, impliesAudience: true } },
      { introspection: { ...asking, impliesAudience: true } },
      ['target.introspection.impliesAudience'],
    ],
    [
      'with impliesAudience on both, as two clients',
      { introspection: { ...asking, impliesAudience: true } },
      { introspection: { ...asking, clientId: 'other', impliesAudience: true } },
      [],
    ],
  ])('%s', (_, ofLegacy, ofTarget, paths) => {
    expect(pathsOf({ legacy: { ...legacy, ...ofLegacy }, target: { ...target, ...ofTarget } })).toEqual(paths);
  });

  test('are independent where their issuers differ', () => {
    const elsewhere = { ...legacy, issuer: 'https://other.example.com', keys: { keys: [other.publicJwk] } };

    expect(pathsOf({ legacy: { ...legacy, keys: { keys: [one.publicJwk] } }, target: elsewhere })).toEqual([]);
  });
});

test('problems between the sides are reported together with all others', () => {
  const wrong = { now: 1, dpop: { replay: {} }, keyStore: {}, acceptance: 'target', legacy, target: legacy };

  expect(pathsOf(wrong).toSorted()).toEqual(['dpop.replay', 'keyStore', 'now', 'target.audience']);
});

test.each([[undefined], [null], [1], ['legacy'], [[]]])('%j is rejected as options', (options) => {
  expect(pathsOf(options).length).toBeGreaterThan(0);
});
