import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { oneIdentity, sideRules } from '../../src/schema/side-rules.ts';

const side = z.strictObject(sideRules).refine(oneIdentity.isMet, oneIdentity.otherwise);
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

describe('the rule of one identity', () => {
  const issuer = 'https://idp.example.com';

  it('takes a side with an audience, or with client ids', () => {
    expect(wrongPaths({ issuer, audience })).toEqual([]);
    expect(wrongPaths({ issuer, clientIds: ['web'] })).toEqual([]);
  });

  it('refuses a side with both or neither, together with what else is wrong', () => {
    expect(wrongPaths({ issuer, audience, clientIds: ['web'] })).toEqual(['audience']);
    expect(wrongPaths({ typ: 'JWT' })).toEqual(['issuer', 'typ', 'audience']);
    expect(wrongPaths(null)).toEqual(['']);
  });
});
