import { ConfigError } from '@crossfade/core';
import { describe, expect, test } from 'vitest';
import { readSettings } from '../../src/settings/read-settings.ts';

const ISSUER = 'https://idp.example.com';
const introspection = { clientId: 'orders-api', clientSecret: 's' };
const legacy = { issuer: ISSUER, audience: 'default-api', introspection };
const target = { issuer: ISSUER, audience: 'https://api.example.com/orders', introspection };

function problemsOf(options: unknown): readonly string[] {
  try {
    readSettings(options);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.problems.map(({ path, message }) => `${path}: ${message}`);
  }
  return [];
}

describe('introspectionSettings', () => {
  test('asks nobody where no side wants it', () => {
    const settings = readSettings({ legacy: { issuer: ISSUER, audience: 'default-api' } });

    expect(settings.introspection).toEqual([]);
    expect(settings.legacy.takesOpaque).toBe(false);
  });

  test('takes issuer and algorithms from the side', () => {
    const settings = readSettings({ legacy: { ...legacy, algorithms: ['ES256'] } });

    expect(settings.introspection).toMatchObject([
      {
        issuer: ISSUER,
        endpoint: 'metadata',
        algorithms: new Set(['ES256']),
        maxAgeMs: 30_000,
        clientId: 'orders-api',
      },
    ]);
    expect(settings.legacy.takesOpaque).toBe(true);
  });

  test('asks the target’s endpoint first, and one question for both sides where it is the same', () => {
    const other = { ...target, issuer: 'https://other.example.com' };

    expect(readSettings({ legacy, target: other }).introspection).toMatchObject([
      { issuer: other.issuer },
      { issuer: ISSUER },
    ]);
    expect(readSettings({ legacy, target }).introspection).toHaveLength(1);
    const asOther = { ...target, introspection: { ...introspection, clientId: 'other-api' } };
    expect(readSettings({ legacy, target: asOther }).introspection).toMatchObject([
      { clientId: 'other-api' },
      { clientId: 'orders-api' },
    ]);
  });

  test('tells apart endpoints, credentials and ages, and nothing but them', () => {
    const withBoth = (one: object, other: object) =>
      readSettings({
        legacy: { ...legacy, introspection: { ...introspection, ...one } },
        target: { ...target, introspection: { ...introspection, ...other } },
      }).introspection.length;

    expect(withBoth({ endpoint: `${ISSUER}/a` }, { endpoint: new URL(`${ISSUER}/a`) })).toBe(1);
    expect(withBoth({ endpoint: `${ISSUER}/a` }, { endpoint: `${ISSUER}/b` })).toBe(2);
    expect(withBoth({ clientSecret: 'a' }, { clientSecret: 'b' })).toBe(2);
    expect(withBoth({ maxAgeSeconds: 1 }, { maxAgeSeconds: 2 })).toBe(2);
    expect(withBoth({ response: 'jwt' }, {})).toBe(2);
  });

  test('an audience is implied for the side that says so, even by a question asked for both', () => {
    const implied = { ...introspection, impliesAudience: true };

    expect(readSettings({ legacy: { ...legacy, introspection: implied }, target }).introspection).toMatchObject([
      { impliedAudience: 'default-api' },
    ]);
    expect(readSettings({ legacy, target: { ...target, introspection: implied } }).introspection).toMatchObject([
      { impliedAudience: target.audience },
    ]);
    expect(readSettings({ legacy, target }).introspection).toMatchObject([{ impliedAudience: undefined }]);
  });

  test('an answer can not imply two audiences, nor one that the side does not have', () => {
    const implied = { ...introspection, impliesAudience: true };
    const both = { legacy: { ...legacy, introspection: implied }, target: { ...target, introspection: implied } };

    expect(problemsOf(both)).toEqual([
      'target.introspection.impliesAudience: must not be true of both sides that ask one endpoint as one client: ' +
        'an answer without aud has one meaning',
    ]);
    const apart = { ...both, target: { ...target, introspection: { ...implied, clientId: 'other-api' } } };
    expect(problemsOf(apart)).toEqual([]);
    expect(problemsOf({ legacy: { issuer: ISSUER, clientIds: ['a'], introspection: implied } })).toEqual([
      'legacy.introspection.impliesAudience: must stand beside an audience: ' +
        'clientIds need no other word for a token without aud',
    ]);
  });

  test('problems come with those of the rest', () => {
    const broken = { clientId: 1, impliesAudience: true, foo: 1 };

    expect(
      problemsOf({
        legacy: { ...legacy, issuer: 'x', introspection: broken },
        target: { issuer: 'x', introspection: 'x' },
      }).map((problem) => problem.split(':')[0]),
    ).toEqual(
      expect.arrayContaining([
        'legacy.issuer',
        'legacy.introspection.clientId',
        'legacy.introspection.clientSecret',
        'legacy.introspection.foo',
        'target.introspection',
      ]),
    );
  });
});
