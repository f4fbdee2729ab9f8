import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { SIDE_RULES, sideRules } from '../../src/schema/side-rules.ts';

const side = SIDE_RULES.reduce((ruled, rule) => ruled.refine(rule.isMet, rule.otherwise), z.strictObject(sideRules));
const audience = 'https://api.example.com';

function wrongPaths(value: unknown): readonly string[] {
  return side.safeParse(value).error?.issues.map(({ path }) => path.join('.')) ?? [];
}

describe('the issuer rule', () => {
  it.each([
    'https://idp.example.com',
    'https://idp.example.com/',
    'https://idp.example.com:8443/realms/orders',
    'https://login.microsoftonline.com/72f988bf-86f1-41af-91ab-2d7cd011db47/v2.0',
    'https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_a1B2c3D4e',
    'https://idp.example.com/@x',
    'https://idp.example.com/tenant%20one',
    'https://idp.exämple.com',
    'http://localhost:4000',
    'http://127.0.0.1:4000/realm',
    'http://[::1]:4000',
  ])('takes %s', (issuer) => {
    expect(wrongPaths({ issuer, audience })).toEqual([]);
  });

  it.each([
    '',
    'idp.example.com',
    'http://idp.example.com',
    'ftp://idp.example.com',
    'https://user@idp.example.com',
    'https://user:secret@idp.example.com',
    'https://idp.example.com?tenant=a',
    'https://idp.example.com#a',
    'https://idp.example.com/a b',
    ' https://idp.example.com',
    'https://idp.example.com\n',
    7,
    undefined,
  ])('refuses %j', (issuer) => {
    expect(wrongPaths({ issuer, audience })).toEqual(['issuer']);
  });
});

describe('an issuer whose keys are given', () => {
  const keys = 'https://idp.example.com/jwks';

  it.each(['acme.com', 'http://adfs.example.com/adfs/services/trust', 'urn:example:issuer', ['acme.com', 'acme.org']])(
    'may be called %j',
    (issuer) => expect(wrongPaths({ issuer, audience, keys })).toEqual([]),
  );

  it.each([
    'https://login.example.com/{tenantid}/v2.0',
    'undefined',
    'https://*.example.com',
    ' acme.com',
    'acme.com\u0000',
  ])('is not called %j', (issuer) => expect(wrongPaths({ issuer, audience, keys })).toEqual(['issuer']));

  it('holds no credentials', () => {
    expect(wrongPaths({ issuer: 'https://user:secret@idp.example.com', audience, keys })).toEqual(['issuer']);
  });

  it('needs an endpoint for introspection, unless one spelling has metadata', () => {
    const introspection = { clientId: 'orders-api', clientSecretEnv: 'SECRET' };
    const named = { ...introspection, endpoint: 'https://idp.example.com/introspect' };
    const issuer = 'acme.com';

    expect(wrongPaths({ issuer, audience, keys, introspection })).toEqual(['introspection.endpoint']);
    expect(wrongPaths({ issuer: ' acme.com', audience, keys, introspection })).toEqual(['issuer']);
    expect(wrongPaths({ issuer, audience, introspection })).toEqual(['issuer']);
    expect(wrongPaths({ issuer, audience, keys, introspection: named })).toEqual([]);
    expect(wrongPaths({ issuer: [issuer, 'https://acme.com'], audience, keys, introspection })).toEqual([]);
  });

  it('needs one spelling that metadata can be fetched from, if they are not', () => {
    expect(wrongPaths({ issuer: ['acme.com', 'https://acme.com'], audience })).toEqual([]);
    expect(wrongPaths({ issuer: ['acme.com', 'acme.org'], audience })).toEqual(['issuer']);
  });
});

describe('the keys of a side', () => {
  const issuer = 'https://idp.example.com';
  const rsa = { kty: 'RSA', n: 'x', e: 'AQAB' };

  it.each([
    'https://idp.example.com/jwks',
    'http://127.0.0.1:8080/jwks',
    { url: 'http://keycloak.auth.svc:8080/certs', allowHttp: true },
    { url: 'https://idp.example.com/jwks', allowHttp: true },
    { keys: [rsa] },
  ])('may be %j', (keys) => expect(wrongPaths({ issuer, audience, keys })).toEqual([]));

  it.each([
    'http://keycloak:8080/certs',
    { url: 'http://keycloak:8080/certs' },
    { url: 'ftp://keycloak/certs', allowHttp: true },
    { url: 'http://user:secret@keycloak/certs', allowHttp: true },
    { keys: [] },
    { keys: [{ ...rsa, d: 'x' }] },
    { keys: [{ kty: 'oct', k: 'x' }] },
    7,
  ])('may not be %j', (keys) => {
    expect([...new Set(wrongPaths({ issuer, audience, keys }).map((path) => path.split('.')[0]))]).toEqual(['keys']);
  });
});

describe('the rule of one identity', () => {
  it.each([
    [{}, /^is required: the aud value/],
    [
      { audience, anyAudience: true },
      /^must stand alone: found audience and anyAudience; .* exactly one of audience, /,
    ],
    [{ clientIds: ['web'], withoutAudience: true }, /^must stand alone: found clientIds and withoutAudience;/],
    [{ audience, clientIds: ['web'], anyAudience: true }, /: found audience, clientIds and anyAudience;/],
  ])('says of %j what is wrong', (identity, message) => {
    const { error } = side.safeParse({ issuer: 'https://idp.example.com', ...identity });
    expect(error?.issues.map((issue) => issue.message)).toEqual([expect.stringMatching(message)]);
  });

  const issuer = 'https://idp.example.com';

  it('takes a side with an audience, or with client ids', () => {
    expect(wrongPaths({ issuer, audience })).toEqual([]);
    expect(wrongPaths({ issuer, audience: [audience, 'orders'] })).toEqual([]);
    expect(wrongPaths({ issuer, clientIds: ['web'] })).toEqual([]);
    expect(wrongPaths({ issuer, withoutAudience: true })).toEqual([]);
    expect(wrongPaths({ issuer, anyAudience: true })).toEqual([]);
  });

  it('refuses a side with both or neither, together with what else is wrong', () => {
    expect(wrongPaths({ issuer, audience, clientIds: ['web'] })).toEqual(['audience']);
    expect(wrongPaths({ issuer, withoutAudience: true, anyAudience: true })).toEqual(['audience']);
    expect(wrongPaths({ typ: 'JWT' })).toEqual(['issuer', 'typ', 'audience']);
    expect(wrongPaths(null)).toEqual(['']);
  });
});

describe('foreignAudiences', () => {
  const issuer = 'https://idp.example.com';

  it.each(['refuse', ['https://idp.example.com/userinfo']])('may be %j next to an audience', (foreignAudiences) => {
    expect(wrongPaths({ issuer, audience, foreignAudiences })).toEqual([]);
  });

  it.each([{ clientIds: ['web-app'] }, { withoutAudience: true }, { anyAudience: true }])(
    'is refused where the side is known by %j, because its tokens have no audience of its own',
    (identity) => {
      expect(wrongPaths({ issuer, ...identity, foreignAudiences: 'refuse' })).toEqual(['foreignAudiences']);
    },
  );
});
