import { describe, expect, it } from 'vitest';
import { isPersonalClaim } from '../../src/probe/personal-claims.ts';

describe('isPersonalClaim', () => {
  it.each([
    'email',
    'given_name',
    'https://example.com/email',
    'custom:phone_number',
    'upn',
    'http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress',
    'groups',
  ])('finds %s', (name) => {
    expect(isPersonalClaim(name)).toBe(true);
  });

  it.each(['sub', 'roles', 'tenant', 'https://example.com/roles', 'cognito:groups_id', 'scope'])(
    'leaves %s alone',
    (name) => {
      expect(isPersonalClaim(name)).toBe(false);
    },
  );
});
