import { AUTH_TIME, guid, ISSUED_AT, type Vendor } from './vendor.ts';

const CLIENT = guid(3);
/** Access tokens name another issuer than ID tokens: `access_token_issuer` in the metadata. */
const TRUST = 'http://fs.example.com/adfs/services/trust';
const LOGIN = 'https://fs.example.com/adfs';
const CONCEPTS =
  'https://learn.microsoft.com/windows-server/identity/ad-fs/development/ad-fs-openid-connect-oauth-concepts';
const CUSTOM = 'https://learn.microsoft.com/windows-server/identity/ad-fs/development/custom-id-tokens-in-ad-fs';
const ID_TOKEN =
  'https://learn.microsoft.com/openspecs/windows_protocols/ms-oidce/55c0a84d-48e7-4043-91f8-9ebd0a51ab68';

const app = { apptype: 'Confidential', appid: CLIENT, ver: '1.0' };
const user = {
  authmethod: 'urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport',
  auth_time: new Date(AUTH_TIME * 1000).toISOString(),
};
const access = { ...app, nbf: ISSUED_AT };
const id = {
  aud: CLIENT,
  auth_time: AUTH_TIME,
  sub: 'cbvMmM8w',
  upn: 'abeli@example.com',
  unique_name: 'EXAMPLE\\abeli',
};

export const AD_FS: Vendor = {
  name: 'AD FS',
  issuer: TRUST,
  clients: [CLIENT],
  apis: [
    {
      name: 'API',
      side: { issuer: [TRUST, LOGIN], audience: 'https://api.example.com/orders' },
      access: [
        {
          name: 'delegated',
          source: CONCEPTS,
          claims: { ...access, ...user, aud: 'https://api.example.com/orders', scp: 'openid orders' },
        },
        { name: 'app-only', source: CONCEPTS, claims: { ...access, aud: 'https://api.example.com/orders' } },
      ],
    },
    {
      name: 'API that is its own client',
      side: { issuer: [TRUST, LOGIN], audience: [CLIENT, `microsoft:identityserver:${CLIENT}`] },
      access: [
        { name: 'delegated', source: CUSTOM, claims: { ...access, ...user, aud: CLIENT, scp: 'allatclaims openid' } },
        {
          name: 'for the default resource',
          source: CONCEPTS,
          claims: { ...access, ...user, aud: `microsoft:identityserver:${CLIENT}`, scp: 'openid' },
        },
      ],
    },
  ],
  id: [
    { name: 'ID token', source: ID_TOKEN, claims: { ...id, iss: LOGIN } },
    {
      name: 'ID token with the claims of the access token',
      source: CUSTOM,
      claims: { ...app, ...id, iss: LOGIN, scp: 'allatclaims openid' },
    },
  ],
};
