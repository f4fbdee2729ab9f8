import { AUTH_TIME, ISSUED_AT, type Vendor } from './vendor.ts';

const ISSUER = 'https://identity.example.com';
const CLIENT = 'web_app';
const TOKENS = 'https://docs.duendesoftware.com/identityserver/tokens';
const RESOURCES = 'https://docs.duendesoftware.com/identityserver/fundamentals/resources/api-resources';
const OLD = 'https://identityserver4.readthedocs.io/en/latest/topics/resources.html';
const session = {
  nbf: ISSUED_AT,
  amr: ['pwd'],
  sub: '88421113',
  auth_time: AUTH_TIME,
  idp: 'local',
  sid: '6E6D8AF4C13F1E4F',
};
const access = { ...session, client_id: CLIENT, jti: '2A8F7C3D' };
const scope = ['openid', 'profile', 'invoice.read'];

export const DUENDE: Vendor = {
  name: 'Duende IdentityServer',
  issuer: ISSUER,
  clients: [CLIENT],
  apis: [
    {
      name: 'API resource',
      side: { issuer: ISSUER, audience: 'urn:invoices' },
      access: [
        {
          name: 'of a user',
          source: TOKENS,
          header: { typ: 'at+jwt' },
          claims: { ...access, aud: 'urn:invoices', scope },
        },
        {
          name: 'of two resources, scope as text',
          source: RESOURCES,
          header: { typ: 'at+jwt' },
          claims: { ...access, aud: ['urn:invoices', 'urn:customers'], scope: 'invoice.read customer.read' },
        },
        {
          name: 'IdentityServer4, machine to machine',
          source: OLD,
          claims: {
            nbf: ISSUED_AT,
            client_id: CLIENT,
            aud: [`${ISSUER}/resources`, 'urn:invoices'],
            scope: ['invoice.read'],
          },
        },
      ],
    },
    {
      name: 'API resource with a plain name',
      side: { issuer: ISSUER, audience: 'invoices' },
      access: [{ name: 'IdentityServer4', source: OLD, claims: { ...access, aud: 'invoices', scope } }],
    },
    {
      name: 'API scope without a resource',
      side: { issuer: ISSUER, withoutAudience: true },
      access: [{ name: 'of a user', source: RESOURCES, header: { typ: 'at+jwt' }, claims: { ...access, scope } }],
    },
  ],
  id: [{ name: 'ID token', source: TOKENS, claims: { ...session, aud: CLIENT, name: 'Bob' } }],
};
