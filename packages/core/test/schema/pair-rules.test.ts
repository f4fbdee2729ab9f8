import { describe, expect, it } from 'vitest';
import { pairProblems } from '../../src/schema/pair-rules.ts';

const issuer = 'https://idp.example.com';
const legacy = { issuer, audience: 'default-api' };
const target = { issuer, audience: 'https://api.example.com/orders' };

function pathsOf(value: unknown): readonly string[] {
  return pairProblems(value).map(({ path }) => path.join('.'));
}

describe('two sides of one issuer', () => {
  const asking = { clientId: 'api', endpoint: 'https://idp.example.com/introspect', impliesAudience: true };
  const keys = { keys: [{ kid: 'a' }] };

  it.each<[string, object, object, readonly string[]]>([
    ['with two audiences', {}, {}, []],
    ['with one audience', {}, { audience: 'default-api' }, ['target.audience']],
    ['that share one of several audiences', { audience: ['a', 'b'] }, { audience: ['b', 'c'] }, ['target.audience']],
    ['that share a client', { clientIds: ['a', 'b'] }, { clientIds: ['b'] }, ['target.clientIds']],
    ['with one key set', { keys }, { keys: { keys: [{ kid: 'a' }] } }, []],
    ['with two key sets', { keys }, { keys: { keys: [{ kid: 'b' }] } }, ['target.keys']],
    ['where one names its keys', { keys }, {}, []],
    [
      'that both take tokens without aud',
      { withoutAudience: true },
      { withoutAudience: true },
      ['target.withoutAudience'],
    ],
    [
      'where target has clients without aud',
      { withoutAudience: true },
      { clientIds: ['a'] },
      ['legacy.withoutAudience'],
    ],
    [
      'where legacy has clients without aud',
      { clientIds: ['a'] },
      { withoutAudience: true },
      ['target.withoutAudience'],
    ],
    ['with a target without aud', {}, { withoutAudience: true }, []],
    [
      'that both imply an audience',
      { introspection: asking },
      { introspection: asking },
      ['target.introspection.impliesAudience'],
    ],
    [
      'that both imply an audience, as two clients',
      { introspection: asking },
      { introspection: { ...asking, clientId: 'other' } },
      [],
    ],
    ['where one implies an audience', { introspection: asking }, { introspection: { clientId: 'api' } }, []],
  ])('%s', (_, ofLegacy, ofTarget, paths) => {
    const pair = { legacy: { ...legacy, ...ofLegacy }, target: { ...target, ...ofTarget }, clients: [] };
    expect(pathsOf(pair)).toEqual(paths);
  });

  it('share it if they share one spelling of it', () => {
    const renamed = { issuer: [issuer, 'https://old.example.com'], audience: 'default-api' };
    expect(pathsOf({ legacy: renamed, target: legacy, clients: [] })).toEqual(['target.audience']);
  });

  it('are independent where their issuers differ', () => {
    const elsewhere = { ...legacy, issuer: 'https://other.example.com', keys };
    expect(
      pathsOf({ legacy: { ...legacy, keys: 'https://idp.example.com/jwks' }, target: elsewhere, clients: [] }),
    ).toEqual([]);
  });
});

describe('the known clients', () => {
  it.each<[string, object, readonly string[]]>([
    ['an audience that is no URI', { legacy, target }, ['clients']],
    [
      'an audience that is no URI, on the target',
      { legacy: target, target: { issuer, audience: 'orders' } },
      ['clients'],
    ],
    ['one of several', { legacy: { issuer, audience: ['api://orders', 'orders'] } }, ['clients']],
    ['any audience', { legacy: { issuer, anyAudience: true } }, ['clients']],
  ])('are asked for with %s', (_, sides, paths) => {
    expect(pathsOf(sides)).toEqual(paths);
    expect(pathsOf({ ...sides, clients: [] })).toEqual([]);
  });

  it.each<[string, object]>([
    ['https', { issuer, audience: 'https://api.example.com' }],
    ['api', { issuer, audience: 'api://orders' }],
    ['urn', { issuer, audience: 'urn:example:orders' }],
    ['RFC 9068 tokens', { ...legacy, typ: 'at+jwt' }],
    ['tokens with a scope', { ...legacy, requiredScope: ['orders'] }],
    ['tokens without aud', { issuer, withoutAudience: true }],
    ['tokens without aud, by client', { issuer, clientIds: ['web'] }],
  ])('are not asked for with %s', (_, side) => expect(pathsOf({ legacy: side })).toEqual([]));
});

it('keeps any audience, and the word for it, on the side that is being left', () => {
  const any = { issuer, anyAudience: true, acknowledgeRisk: true };
  expect(pathsOf({ legacy: any, target, clients: [] })).toEqual([]);
  expect(pathsOf({ legacy, target: any, clients: [] })).toEqual(['target.anyAudience', 'target.acknowledgeRisk']);
  expect(pathsOf({ legacy: { ...legacy, acknowledgeRisk: true }, target, clients: [] })).toEqual([
    'legacy.acknowledgeRisk',
  ]);
});

it.each([[undefined], [null], [7], [[]], [{}], [{ legacy: 7 }]])('finds nothing in %j', (value) => {
  expect(pathsOf(value)).toEqual([]);
});
