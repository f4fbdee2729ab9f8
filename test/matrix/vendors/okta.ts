import { AUTH_TIME, type Vendor } from './vendor.ts';

const ORG = 'https://example.okta.com';
const CUSTOM = `${ORG}/oauth2/default`;
const CLIENT = '0oabucvyc38HLL1ef0h7';
const TOKENS = 'https://developer.okta.com/docs/api/openapi/okta-oauth/guides/overview/';
const TYPE = 'https://devforum.okta.com/t/okta-access-token-type-is-not-jwt/29515';
const user = { ver: 1, sub: 'john.doe@example.com', auth_time: AUTH_TIME };
const access = {
  ...user,
  jti: 'AT.0mP4JKAZX1iACIT4vbEDF7LpvDVjxypPMf0D7uX39RE',
  cid: CLIENT,
  uid: '00uid4BxXw6I6TV4m0g3',
};
const machine = { ver: 1, jti: 'AT.1', cid: CLIENT, sub: CLIENT, scp: ['orders:read'] };
const id = {
  ...user,
  sub: '00uid4BxXw6I6TV4m0g3',
  name: 'John Doe',
  email: 'john.doe@example.com',
  aud: CLIENT,
  jti: 'ID.4eAWJOCMB3SX8XewDfVR',
  amr: ['pwd'],
  idp: '00oid1234567890',
  preferred_username: 'john.doe@example.com',
  at_hash: 'cpqKfdQA5eH891Ff5oJr_Q',
};

export const OKTA_CUSTOM: Vendor = {
  name: 'Okta, custom authorization server',
  issuer: CUSTOM,
  clients: [CLIENT],
  apis: [
    {
      name: 'API',
      side: { issuer: CUSTOM, audience: 'api://default' },
      access: [
        {
          name: 'of a user',
          source: TOKENS,
          header: {},
          claims: { ...access, aud: 'api://default', scp: ['openid', 'email'] },
        },
        { name: 'machine to machine', source: TOKENS, header: {}, claims: { ...machine, aud: 'api://default' } },
      ],
    },
  ],
  id: [{ name: 'ID token', source: TOKENS, header: {}, claims: id }],
};

export const OKTA_ORG: Vendor = {
  name: 'Okta, org authorization server',
  issuer: ORG,
  clients: [CLIENT],
  apis: [
    {
      name: 'API',
      side: { issuer: ORG, audience: ORG },
      access: [
        {
          name: 'of a user',
          source: TYPE,
          header: { typ: 'application/okta-internal-at+jwt' },
          claims: { ...access, aud: ORG, scp: ['openid', 'profile'] },
        },
        { name: 'without typ', source: TOKENS, header: {}, claims: { ...access, aud: ORG, scp: ['openid'] } },
      ],
    },
  ],
  id: [{ name: 'ID token', source: TOKENS, header: {}, claims: id }],
};
