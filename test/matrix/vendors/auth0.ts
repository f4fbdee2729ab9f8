import type { Vendor } from './vendor.ts';

const ISSUER = 'https://my-domain.auth0.com/';
const API = 'https://example.com/health-api';
const CLIENT = 'my_client_id';
const PROFILES = 'https://auth0.com/docs/secure/tokens/access-tokens/access-token-profiles';
const ID_TOKEN = 'https://auth0.com/docs/secure/tokens/id-tokens/id-token-structure';
const MACHINE = 'https://auth0.com/docs/get-started/apis/add-api-permissions';
const both = [API, `${ISSUER}userinfo`];
const user = { sub: 'auth0|123456' };

export const AUTH0: Vendor = {
  name: 'Auth0',
  issuer: ISSUER,
  clients: [CLIENT],
  apis: [
    {
      name: 'API',
      side: { issuer: ISSUER, audience: API },
      access: [
        {
          name: 'with openid',
          source: PROFILES,
          claims: { ...user, aud: both, azp: CLIENT, scope: 'openid profile read:patients read:admin' },
        },
        {
          name: 'without openid',
          source: PROFILES,
          claims: { ...user, aud: API, azp: CLIENT, scope: 'read:patients' },
        },
        {
          name: 'RFC 9068 profile',
          source: PROFILES,
          header: { typ: 'at+jwt' },
          claims: { ...user, aud: both, client_id: CLIENT, jti: '73WakrfVbNJBaAmhQtEeDv', scope: 'openid profile' },
        },
        {
          name: 'with permissions, without scope',
          source: PROFILES,
          claims: { ...user, aud: API, azp: CLIENT, permissions: ['read:patients'] },
        },
        {
          name: 'machine to machine',
          source: MACHINE,
          claims: { sub: `${CLIENT}@clients`, aud: API, azp: CLIENT, gty: 'client-credentials' },
        },
      ],
    },
  ],
  id: [
    {
      name: 'ID token',
      source: ID_TOKEN,
      claims: {
        ...user,
        aud: CLIENT,
        name: 'Jane Doe',
        given_name: 'Jane',
        family_name: 'Doe',
        gender: 'female',
        birthdate: '0000-10-31',
        email: 'janedoe@example.com',
        picture: 'https://example.com/janedoe/me.jpg',
      },
    },
  ],
};
