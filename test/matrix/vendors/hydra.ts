import { AUTH_TIME, guid, ISSUED_AT, type Vendor } from './vendor.ts';

const ISSUER = 'https://hydra.example.com/';
const CLIENT = guid(1);
const ACCESS = 'https://www.ory.com/docs/oauth2-oidc/jwt-access-token';
const AUDIENCES = 'https://www.ory.com/docs/hydra/guides/audiences';
const ID_TOKEN = 'https://www.ory.com/docs/oauth2-oidc/overview/oidc-concepts';
const access = {
  client_id: CLIENT,
  ext: {},
  jti: guid(2),
  nbf: ISSUED_AT,
  scp: ['offline', 'orders'],
  sub: 'alice@example.com',
};

export const HYDRA: Vendor = {
  name: 'Ory Hydra',
  issuer: ISSUER,
  clients: [CLIENT],
  apis: [
    {
      name: 'API',
      side: { issuer: ISSUER, audience: 'https://api.example.com/orders' },
      access: [
        { name: 'of a user', source: AUDIENCES, claims: { ...access, aud: ['https://api.example.com/orders'] } },
        {
          name: 'machine to machine',
          source: AUDIENCES,
          claims: { ...access, sub: CLIENT, aud: ['https://api.example.com/orders'] },
        },
      ],
    },
    {
      name: 'API without aud',
      side: { issuer: ISSUER, withoutAudience: true },
      access: [
        { name: 'of a user', source: ACCESS, claims: { ...access, aud: [] } },
        { name: 'machine to machine', source: ACCESS, claims: { ...access, sub: CLIENT, aud: [] } },
      ],
    },
  ],
  id: [
    {
      name: 'ID token',
      source: ID_TOKEN,
      claims: {
        at_hash: 'h',
        aud: [CLIENT],
        auth_time: AUTH_TIME,
        jti: guid(3),
        rat: AUTH_TIME,
        sid: guid(4),
        sub: 'alice@example.com',
      },
    },
  ],
};
