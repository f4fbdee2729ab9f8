import { AUTH_TIME, guid, ISSUED_AT, type Vendor, type VendorToken } from './vendor.ts';

const TENANT = guid(1);
const API = guid(2);
const CLIENT = guid(3);
const API_URI = `api://${API}`;
const V1 = `https://sts.windows.net/${TENANT}/`;
const V2 = `https://login.microsoftonline.com/${TENANT}/v2.0`;
const ACCESS = 'https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference';
const OPTIONAL = 'https://learn.microsoft.com/entra/identity-platform/optional-claims-reference';
const ID_TOKEN = 'https://learn.microsoft.com/entra/identity-platform/id-token-claims-reference';
const GROUPS = Array.from({ length: 157 }, (_, index) => guid(1000 + index));

const common = {
  aio: 'E2RgYDhj',
  nbf: ISSUED_AT,
  oid: guid(4),
  rh: '0.AAAA',
  sub: 'HKZpfaHyWadeOouY',
  tid: TENANT,
  uti: 'fqiBqXLP',
};
const name = { name: 'Abe Lincoln', preferred_username: 'abeli@microsoft.com' };
const v2 = { ...common, aud: API, azp: CLIENT, azpacr: '1', ver: '2.0' };
const app = { oid: guid(5), sub: guid(5) };
const v1 = { ...common, appid: CLIENT, appidacr: '1', idp: V1, ver: '1.0' };
const v1User = {
  acr: '1',
  amr: ['pwd'],
  family_name: 'Lincoln',
  given_name: 'Abe',
  ipaddr: '192.0.2.1',
  name: 'abeli',
  unique_name: 'abeli@microsoft.com',
  upn: 'abeli@microsoft.com',
};

const V2_ACCESS: readonly VendorToken[] = [
  { name: 'delegated', source: ACCESS, claims: { ...v2, ...name, scp: 'access_as_user' } },
  { name: 'of a public client', source: ACCESS, claims: { ...v2, ...name, azpacr: '0', scp: 'access_as_user' } },
  { name: 'delegated, 157 groups', source: ACCESS, claims: { ...v2, ...name, groups: GROUPS, scp: 'read' } },
  { name: 'of the API as its own client', source: ACCESS, claims: { ...v2, ...name, azp: API, scp: 'read' } },
  { name: 'app-only with roles', source: ACCESS, claims: { ...v2, ...app, roles: ['Reader'] } },
  { name: 'app-only without roles', source: ACCESS, claims: { ...v2, ...app } },
  { name: 'app-only with idtyp', source: OPTIONAL, claims: { ...v2, ...app, idtyp: 'app' } },
];

export const ENTRA_V2: Vendor = {
  name: 'Entra ID v2',
  issuer: V2,
  clients: [CLIENT, API],
  apis: [
    {
      name: 'API, by its GUID',
      side: { issuer: V2, audience: API },
      access: V2_ACCESS,
    },
    {
      name: 'API, its app registration not listed as a client',
      side: { issuer: V2, audience: API },
      clients: [CLIENT],
      access: V2_ACCESS,
    },
  ],
  id: [
    { name: 'ID token', source: ID_TOKEN, claims: { ...common, ...name, aud: CLIENT, ver: '2.0' } },
    {
      name: 'ID token of the API',
      source: ID_TOKEN,
      claims: { ...common, ...name, aud: API, ver: '2.0', roles: ['Reader'] },
    },
    {
      name: 'ID token with optional claims',
      source: OPTIONAL,
      claims: {
        ...common,
        ...name,
        aud: API,
        ver: '2.0',
        auth_time: AUTH_TIME,
        sid: guid(6),
        login_hint: 'O.abc',
        acct: 0,
      },
    },
  ],
};

export const ENTRA_V1: Vendor = {
  name: 'Entra ID v1',
  issuer: V1,
  clients: [CLIENT],
  apis: [
    {
      name: 'API, by App ID URI and GUID',
      side: { issuer: V1, audience: [API_URI, API] },
      access: [
        {
          name: 'delegated, for the URI',
          source: ACCESS,
          claims: { ...v1, ...v1User, aud: API_URI, scp: 'user_impersonation' },
        },
        {
          name: 'delegated, for the GUID',
          source: ACCESS,
          claims: { ...v1, ...v1User, aud: API, scp: 'user_impersonation' },
        },
        { name: 'app-only', source: ACCESS, claims: { ...v1, ...app, aud: API_URI } },
        {
          name: 'app-only of the API as its own client',
          source: ACCESS,
          claims: { ...v1, ...app, aud: API, appid: API },
        },
      ],
    },
  ],
  id: [{ name: 'ID token', source: ID_TOKEN, claims: { ...common, ...v1User, aud: CLIENT, ver: '1.0' } }],
};
