import { ConfigError } from '@crossfade/core';
import { schemaProblems } from '@crossfade/core/schema';
import { describe, expect, test } from 'vitest';
import { introspectionSchema } from '../../src/introspection/introspection-options.ts';
import { readSettings } from '../../src/settings/read-settings.ts';

const credentials = { clientId: 'orders-api', clientSecret: 's3cret-value' };

function problemsOf(options: unknown): readonly string[] {
  const parsed = introspectionSchema.safeParse(options);
  return parsed.success
    ? []
    : schemaProblems(parsed.error, introspectionSchema).map(({ path, message }) => `${path}: ${message}`);
}

describe('introspectionSchema', () => {
  test('fills in the defaults', () => {
    expect(introspectionSchema.parse(credentials)).toEqual({
      ...credentials,
      authentication: 'client_secret_basic',
      response: 'json',
      impliesAudience: false,
      maxAgeSeconds: 30,
      timeoutMs: 5000,
    });
  });

  test.each(['https://idp.example.com/introspect?tenant=a', 'http://127.0.0.1:8080/introspect'])(
    'accepts %s',
    (endpoint) => {
      expect(introspectionSchema.parse({ ...credentials, endpoint }).endpoint).toEqual(new URL(endpoint));
      expect(introspectionSchema.parse({ ...credentials, endpoint: new URL(endpoint) }).endpoint?.href).toBe(endpoint);
    },
  );

  test('copies a URL that the caller may change', () => {
    const endpoint = new URL('https://idp.example.com/introspect');
    const parsed = introspectionSchema.parse({ ...credentials, endpoint });
    endpoint.hostname = 'evil.example.com';

    expect(parsed.endpoint?.hostname).toBe('idp.example.com');
  });

  test.each([
    ['endpoint', 'http://idp.example.com/introspect'],
    ['endpoint', 'https://user:pass@idp.example.com/introspect'],
    ['endpoint', 'https://idp.example.com/introspect#fragment'],
    ['endpoint', new URL('http://idp.example.com/introspect')],
    ['endpoint', '/introspect'],
    ['endpoint', 1],
    ['clientId', ''],
    ['clientSecret', ''],
    ['clientSecret', 1],
    ['authentication', 'none'],
    ['authentication', 'private_key_jwt'],
    ['response', 'signed'],
    ['impliesAudience', 'yes'],
    ['maxAgeSeconds', -1],
    ['maxAgeSeconds', 3601],
    ['maxAgeSeconds', Number.NaN],
    ['maxAgeSeconds', '30s'],
    ['timeoutMs', 0],
    ['timeoutMs', 60_001],
    ['timeoutMs', 1.5],
    ['cache', true],
  ])('rejects a %s of %s', (name, value) => {
    const problems = problemsOf({ ...credentials, [name]: value });

    expect(problems.map((problem) => problem.split(':')[0])).toEqual([name]);
    expect(problems.join()).not.toContain('s3cret-value');
  });

  test('reports all missing settings at once', () => {
    expect(problemsOf({})).toEqual([
      'clientId: is required: the credentials of this API at the issuer',
      'clientSecret: is required: the credentials of this API at the issuer',
    ]);
    expect(problemsOf('https://idp.example.com')).toEqual([': must be an object with clientId and clientSecret']);
  });
});

const ISSUER = 'https://idp.example.com';
const introspection = { clientId: 'orders-api', clientSecret: 's' };
const legacy = { issuer: ISSUER, audience: 'default-api', introspection };
const target = { issuer: ISSUER, audience: 'https://api.example.com/orders', introspection };

function settingsProblems(options: unknown): readonly string[] {
  try {
    readSettings(options);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return error.problems.map(({ path, message }) => `${path}: ${message}`);
  }
  return [];
}

describe('introspectionSettings', () => {
  test('has no endpoint unless a side configures one', () => {
    const settings = readSettings({ clients: [], legacy: { issuer: ISSUER, audience: 'default-api' } });

    expect(settings.introspection).toEqual([]);
    expect(settings.legacy.takesOpaque).toBe(false);
  });

  test('takes the issuer and the algorithms of the side', () => {
    const settings = readSettings({ clients: [], legacy: { ...legacy, algorithms: ['ES256'] } });

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

  test('puts the target’s endpoint first, and one endpoint for both sides with the same request', () => {
    const other = { ...target, issuer: 'https://other.example.com' };

    expect(readSettings({ clients: [], legacy, target: other }).introspection).toMatchObject([
      { issuer: other.issuer },
      { issuer: ISSUER },
    ]);
    expect(readSettings({ clients: [], legacy, target }).introspection).toHaveLength(1);
    const asOtherClient = { ...target, introspection: { ...introspection, clientId: 'other-api' } };
    expect(readSettings({ clients: [], legacy, target: asOtherClient }).introspection).toMatchObject([
      { clientId: 'other-api' },
      { clientId: 'orders-api' },
    ]);
  });

  test('distinguishes endpoints by their settings only', () => {
    const withBoth = (one: object, other: object) =>
      readSettings({
        clients: [],
        legacy: { ...legacy, introspection: { ...introspection, ...one } },
        target: { ...target, introspection: { ...introspection, ...other } },
      }).introspection.length;

    expect(withBoth({ endpoint: `${ISSUER}/a` }, { endpoint: new URL(`${ISSUER}/a`) })).toBe(1);
    expect(withBoth({ endpoint: `${ISSUER}/a` }, { endpoint: `${ISSUER}/b` })).toBe(2);
    expect(withBoth({ clientSecret: 'a' }, { clientSecret: 'b' })).toBe(2);
    expect(withBoth({ maxAgeSeconds: 1 }, { maxAgeSeconds: 2 })).toBe(2);
    expect(withBoth({ response: 'jwt' }, {})).toBe(2);
  });

  test('implies the audience of the side that says so, even with one endpoint for both', () => {
    const implied = { ...introspection, impliesAudience: true };

    expect(
      readSettings({ clients: [], legacy: { ...legacy, introspection: implied }, target }).introspection,
    ).toMatchObject([{ impliedAudience: 'default-api' }]);
    expect(
      readSettings({ clients: [], legacy, target: { ...target, introspection: implied } }).introspection,
    ).toMatchObject([{ impliedAudience: target.audience }]);
    expect(readSettings({ clients: [], legacy, target }).introspection).toMatchObject([{ impliedAudience: undefined }]);
  });

  test('rejects a response that would imply two audiences, or one that the side does not have', () => {
    const implied = { ...introspection, impliesAudience: true };
    const both = {
      clients: [],
      legacy: { ...legacy, introspection: implied },
      target: { ...target, introspection: implied },
    };

    expect(settingsProblems(both)).toEqual([
      'target.introspection.impliesAudience: must not be true of both sides that ask one endpoint as one client: ' +
        'a response without aud has one meaning',
    ]);
    const apart = { ...both, target: { ...target, introspection: { ...implied, clientId: 'other-api' } } };
    expect(settingsProblems(apart)).toEqual([]);
    expect(settingsProblems({ legacy: { issuer: ISSUER, clientIds: ['a'], introspection: implied } })).toEqual([
      'legacy.introspection.impliesAudience: needs an audience: the other ways to know a side already decide about a token without aud',
    ]);
  });

  test('reports its problems together with all others', () => {
    const broken = { clientId: 1, impliesAudience: true, foo: 1 };

    expect(
      settingsProblems({
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
