import { describe, expect, test } from 'vitest';
import { introspectionSchema } from '../../src/introspection/introspection-schema.ts';
import { schemaProblems } from '../../src/schema/schema-problems.ts';

const credentials = { clientId: 'orders-api', clientSecret: 's3cret-value' };

function problemsOf(options: unknown): readonly string[] {
  const parsed = introspectionSchema.safeParse(options);
  return parsed.success ? [] : schemaProblems(parsed.error).map(({ path, message }) => `${path}: ${message}`);
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
    'takes %s',
    (endpoint) => {
      expect(introspectionSchema.parse({ ...credentials, endpoint }).endpoint).toEqual(new URL(endpoint));
      expect(introspectionSchema.parse({ ...credentials, endpoint: new URL(endpoint) }).endpoint?.href).toBe(endpoint);
    },
  );

  test('does not hold on to a URL that its owner may change', () => {
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
  ])('refuses a %s of %s', (name, value) => {
    const problems = problemsOf({ ...credentials, [name]: value });

    expect(problems.map((problem) => problem.split(':')[0])).toEqual([name]);
    expect(problems.join()).not.toContain('s3cret-value');
  });

  test('says what is missing, all at once', () => {
    expect(problemsOf({})).toEqual([
      'clientId: is required: what this API and the issuer agreed on',
      'clientSecret: is required: what this API and the issuer agreed on',
    ]);
    expect(problemsOf('https://idp.example.com')).toEqual([': must be an object with clientId and clientSecret']);
  });
});
