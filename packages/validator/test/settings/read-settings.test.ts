import { ConfigError } from '@crossfade/core';
import { describe, expect, test } from 'vitest';
import { readSettings } from '../../src/settings/read-settings.ts';
import { createSigningKey } from '../issuer.ts';

const key = await createSigningKey({ kid: 'a' });
const ISSUER = 'https://idp.example.com';
const legacy = { issuer: ISSUER, audience: 'default-api' };
const target = { issuer: ISSUER, audience: 'https://api.example.com/orders' };

function problemsOf(options: unknown): readonly string[] {
  try {
    readSettings(options);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.problems.map(({ path, message }) => `${path}: ${message}`);
  }
  return [];
}

describe('readSettings', () => {
  test('fills in the defaults', () => {
    const settings = readSettings({ clients: [], legacy, target });

    expect(settings).toMatchObject({ clockToleranceSeconds: 60, maxTokenBytes: 16_384, now: Date.now });
    expect(settings.cache).toEqual({ maxEntries: 8192, maxBytes: 16_777_216 });
    expect(settings.acceptance()).toBe('both');
    expect(settings.legacy.toleratedAudiences).toBe('any');
    expect(settings.target?.toleratedAudiences).toBe('any');
    expect(settings.issuers).toMatchObject([{ names: [ISSUER], keys: 'metadata' }]);
    expect([...settings.legacy.algorithms]).toContain('ES256');
  });

  test('gives two sides of one issuer the same keys, whichever side names them', () => {
    const keys = new URL('https://idp.example.com/jwks');
    expect(
      readSettings({ clients: [], legacy: { ...legacy, keys }, target }).issuers.map((issuer) => issuer.keys),
    ).toEqual([keys]);
    expect(
      readSettings({ clients: [], legacy, target: { ...target, keys } }).issuers.map((issuer) => issuer.keys),
    ).toEqual([keys]);
    const same = { clients: [], legacy: { ...legacy, keys }, target: { ...target, keys: new URL(keys) } };
    expect(readSettings(same).issuers.map((issuer) => issuer.keys)).toEqual([keys]);
  });

  test('gives sides of two issuers separate keys, algorithms and audiences', () => {
    const other = { ...target, issuer: 'https://other.example.com', algorithms: ['ES256'] };
    const settings = readSettings({
      clients: [],
      legacy: { ...legacy, algorithms: ['RS256'], foreignAudiences: 'refuse' },
      target: other,
    });

    expect(settings.issuers).toMatchObject([
      { names: [other.issuer], algorithms: new Set(['ES256']) },
      { names: [ISSUER], algorithms: new Set(['RS256']) },
    ]);
    expect(settings.legacy.toleratedAudiences).toEqual(new Set([legacy.audience]));
  });

  test('collects every client id that the options name', () => {
    const settings = readSettings({
      legacy: { issuer: ISSUER, clientIds: ['a'], allowedClients: ['b'] },
      target: { ...target, allowedClients: ['c'] },
      clients: ['d'],
    });

    expect(settings.clientIds).toEqual(new Set(['a', 'b', 'c', 'd']));
  });

  test('accepts a plain setup', () => {
    const keys = { keys: [key.publicJwk] };
    expect(problemsOf({ legacy: { ...legacy, keys }, acceptance: 'both', cache: false, clients: [] })).toEqual([]);
    expect(
      problemsOf({ legacy: { ...legacy, issuer: 'http://127.0.0.1:8080' }, clients: [], clockTolerance: '0s' }),
    ).toEqual([]);
  });

  test('reports every problem at once', () => {
    const options = {
      legacy: { audience: 'a', algorithms: ['HS256', 'none', 'RS256'], typ: 'JWT', scope: 'openid' },
      target: { issuer: 'undefined', keys: 'http://idp.example.com/jwks', requiredScope: 'a' },
      acceptance: 'legacy',
      clients: 'web-app',
      clockTolerance: '5 seconds',
      maxTokenBytes: 0,
      now: 1,
      foo: true,
    };

    expect(problemsOf(options).map((problem) => problem.split(': ')[0])).toEqual(
      expect.arrayContaining([
        'legacy.issuer',
        'legacy.algorithms.0',
        'legacy.algorithms.1',
        'legacy.typ',
        'legacy.scope',
        'target.issuer',
        'target.audience',
        'target.keys',
        'target.requiredScope',
        'acceptance',
        'clients',
        'clockTolerance',
        'maxTokenBytes',
        'now',
        'foo',
      ]),
    );
  });

  test('reports problems between the sides even when a side has its own', () => {
    const options = { legacy: { ...legacy, typ: 'JWT' }, target: { ...legacy, audience: legacy.audience }, clients: 1 };

    expect(problemsOf(options)).toEqual(
      expect.arrayContaining([
        'legacy.typ: must be at+jwt, or left out',
        'target.audience: must differ from legacy.audience when both sides share an issuer',
        'clients: must be a list: each a client id',
      ]),
    );
  });

  test.each<[string, unknown, string]>([
    ['no options', undefined, ': is required: an object with legacy'],
    ['no legacy side', { target }, 'legacy: is required: an object with issuer and audience'],
    ['an issuer with a query', { legacy: { ...legacy, issuer: `${ISSUER}?a` } }, 'legacy.issuer: must be an https URL'],
    [
      'an issuer with a user',
      { legacy: { ...legacy, issuer: 'https://u:p@idp' } },
      'legacy.issuer: must not hold credentials',
    ],
    [
      'both audience and clientIds',
      { legacy: { ...legacy, clientIds: ['a'] } },
      'legacy.audience: must stand alone: found audience and clientIds',
    ],
    [
      'a client on both sides',
      { legacy: { issuer: ISSUER, clientIds: ['a'] }, target: { issuer: ISSUER, clientIds: ['a'] } },
      'target.clientIds: must share no client',
    ],
    [
      'two key sets of one issuer',
      { legacy: { ...legacy, keys: new URL('https://a') }, target: { ...target, keys: new URL('https://b') } },
      'target.keys: must be left out, or be the same',
    ],
    [
      'keys over http',
      { legacy: { ...legacy, keys: new URL('http://idp.example.com/jwks') } },
      'legacy.keys: must be an https URL',
    ],
    ['no keys', { legacy: { ...legacy, keys: { keys: [] } } }, 'legacy.keys: must hold a public signature key'],
    [
      'a private key',
      { legacy: { ...legacy, keys: { keys: [{ ...key.publicJwk, d: 'AQ' }] } } },
      'legacy.keys: must not hold private',
    ],
    [
      'a secret',
      { legacy: { ...legacy, keys: { keys: [{ kty: 'oct', k: 'AQ' }] } } },
      'legacy.keys: must not hold private or symmetric',
    ],
    ['no algorithm', { legacy: { ...legacy, algorithms: [] } }, 'legacy.algorithms: must be a list with at least one'],
    [
      'an algorithm in lower case',
      { legacy: { ...legacy, algorithms: ['rs256'] } },
      'legacy.algorithms.0: must be an asymmetric',
    ],
    [
      'a rule that is no value',
      { legacy: { ...legacy, claims: { tenant: null } } },
      'legacy.claims.tenant: must be a value or a list',
    ],
    [
      'a tolerance of an hour',
      { legacy, clockTolerance: '1h' },
      'clockTolerance: must be a duration such as 60s, at most 5m',
    ],
    ['a cache without bounds', { legacy, cache: true }, 'cache: must be false, or an object'],
    ['a cache too small to be one', { legacy, cache: { maxEntries: 7 } }, 'cache'],
    [
      'keys that age too fast',
      { legacy, keyRefresh: { refreshAfter: '1s' } },
      'keyRefresh.refreshAfter: must be a duration from 10s',
    ],
    ['keys that never end', { legacy, keyRefresh: { maxAge: '25h' } }, 'keyRefresh.maxAge: must be a duration'],
    [
      'keys that end before their refresh',
      { legacy, keyRefresh: { refreshAfter: '2h', maxAge: '1h' } },
      'must not be shorter',
    ],
    [
      'a refresh that is no duration',
      { legacy, keyRefresh: { refreshAfter: 600 } },
      'keyRefresh.refreshAfter: must be a duration',
    ],
    ['a key store without save', { legacy, keyStore: { load: () => undefined } }, 'keyStore: must be an object with'],
    ['a close without a target', { legacy, acceptance: 'target' }, 'acceptance: must not be target without a target'],
  ])('rejects %s', (_, options, problem) => {
    expect(problemsOf(options).join('\n')).toContain(problem);
  });

  test('reports nothing of a key itself', () => {
    const problems = problemsOf({ legacy: { ...legacy, keys: { keys: [{ kty: 'oct', k: 'c2VjcmV0' }] } } });

    expect(problems.join()).not.toContain('c2VjcmV0');
  });
});
