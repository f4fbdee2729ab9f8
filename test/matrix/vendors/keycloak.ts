import { AUTH_TIME, guid, type Vendor } from './vendor.ts';

const ISSUER = 'https://keycloak.example.com/realms/demo';
const CLIENT = 'web-app';
const API = 'orders-api';
const ADMIN = 'https://www.keycloak.org/docs/latest/server_admin/index.html';
const AUDIENCE = `${ADMIN}#audience-support`;
const LIGHTWEIGHT = `${ADMIN}#_using_lightweight_access_token`;
const NONCE = 'https://www.keycloak.org/docs/latest/upgrading/index.html#nonce-claim-is-only-added-to-the-id-token';
const AT_JWT = 'https://www.keycloak.org/docs/latest/release_notes/index.html#keycloak-26-2-0';
const LOGOUT = 'https://openid.net/specs/openid-connect-backchannel-1_0.html#LogoutToken';

const user = {
  sub: guid(1),
  azp: CLIENT,
  sid: guid(2),
  jti: guid(3),
  email_verified: false,
  preferred_username: 'alice',
};
const access = {
  ...user,
  typ: 'Bearer',
  acr: '1',
  'allowed-origins': ['https://app.example.com'],
  realm_access: { roles: ['offline_access', 'uma_authorization'] },
  scope: 'openid profile email',
};
const old = { ...access, nonce: guid(4), session_state: guid(2), auth_time: AUTH_TIME };
const lightweight = { jti: guid(3), typ: 'Bearer', azp: CLIENT, sid: guid(2), scope: 'openid profile' };
const id = { ...user, typ: 'ID', aud: CLIENT, at_hash: 'HzTNW1h3', acr: '1', auth_time: AUTH_TIME };
const addressed = [
  { name: 'before 25, with nonce', source: NONCE, claims: { ...old, aud: [API, 'account'] } },
  { name: 'audience mapper', source: AUDIENCE, claims: { ...access, aud: API } },
  {
    name: 'audience mapper with its own client',
    source: AUDIENCE,
    claims: { ...access, aud: [API, CLIENT, 'account'] },
  },
  { name: 'admin roles', source: AUDIENCE, claims: { ...access, aud: ['realm-management', API, 'account'] } },
  { name: 'at+jwt', source: AT_JWT, header: { typ: 'at+jwt' }, claims: { ...access, aud: API } },
  { name: 'lightweight', source: LIGHTWEIGHT, claims: { ...lightweight, aud: API } },
  {
    name: 'service account',
    source: `${ADMIN}#_service_accounts`,
    claims: { ...access, aud: API, client_id: CLIENT, preferred_username: 'service-account-web-app' },
  },
];

export const KEYCLOAK: Vendor = {
  name: 'Keycloak',
  issuer: ISSUER,
  clients: [CLIENT, API],
  apis: [
    { name: 'API, a client of the realm', side: { issuer: ISSUER, audience: API }, access: addressed },
    {
      name: 'API that takes what every user has',
      side: { issuer: ISSUER, audience: 'account' },
      access: [
        { name: 'default', source: AUDIENCE, claims: { ...access, aud: 'account' } },
        { name: 'before 25, with nonce', source: NONCE, claims: { ...old, aud: 'account' } },
      ],
    },
    {
      name: 'API without aud',
      side: { issuer: ISSUER, withoutAudience: true },
      access: [
        { name: 'no audience resolved', source: AUDIENCE, claims: access },
        { name: 'lightweight', source: LIGHTWEIGHT, claims: lightweight },
        { name: 'before 25, with nonce', source: NONCE, claims: old },
      ],
    },
  ],
  id: [
    { name: 'ID token', source: ADMIN, claims: id },
    { name: 'ID token with an audience mapper', source: AUDIENCE, claims: { ...id, aud: [CLIENT, API] } },
  ],
  other: [
    { name: 'refresh token', source: ADMIN, claims: { ...user, typ: 'Refresh', aud: ISSUER, scope: 'openid' } },
    {
      name: 'refresh token for the API',
      source: ADMIN,
      claims: { ...user, typ: 'Offline', aud: API, scope: 'openid' },
    },
    {
      name: 'logout token',
      source: LOGOUT,
      claims: {
        aud: CLIENT,
        sub: guid(1),
        typ: 'Logout',
        events: { 'http://schemas.openid.net/event/backchannel-logout': {} },
      },
    },
  ],
};
