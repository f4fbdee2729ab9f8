import { AUTH_TIME, guid, type Vendor } from './vendor.ts';

const ENVIRONMENT = guid(1);
const PINGONE_ISSUER = `https://auth.pingone.com/${ENVIRONMENT}/as`;
const API = 'https://api.example.com/orders';
const CLIENT = guid(3);
const CLAIMS =
  'https://developer.pingidentity.com/pingone-api/foundations/authentication-concepts/access-tokens-and-id-tokens/token-claims.html';
const ATM =
  'https://docs.pingidentity.com/pingfederate/latest/administrators_reference_guide/pf_configure_json_token_management.html';
const POLICY =
  'https://docs.pingidentity.com/pingfederate/latest/administrators_reference_guide/pf_openid_connect_policy_management.html';

const pingOne = { client_id: CLIENT, jti: guid(4), env: ENVIRONMENT, org: guid(5), scope: 'openid orders:read' };
const session = { sub: guid(6), sid: guid(7), auth_time: AUTH_TIME, acr: 'Single_Factor' };

export const PINGONE: Vendor = {
  name: 'PingOne',
  issuer: PINGONE_ISSUER,
  clients: [CLIENT],
  apis: [
    {
      name: 'custom resource',
      side: { issuer: PINGONE_ISSUER, audience: API },
      access: [
        { name: 'of a user', source: CLAIMS, header: {}, claims: { ...pingOne, ...session, aud: [API] } },
        {
          name: 'of two resources',
          source: CLAIMS,
          header: {},
          claims: { ...pingOne, ...session, aud: [API, 'https://api.pingone.com'] },
        },
        { name: 'machine to machine', source: CLAIMS, header: {}, claims: { ...pingOne, aud: [API] } },
        {
          name: 'from March 2027',
          source: CLAIMS,
          header: { typ: 'at+jwt' },
          claims: { ...pingOne, ...session, aud: [API] },
        },
      ],
    },
    {
      name: 'custom resource with its default audience, a name',
      side: { issuer: PINGONE_ISSUER, audience: 'Orders' },
      access: [{ name: 'of a user', source: CLAIMS, header: {}, claims: { ...pingOne, ...session, aud: ['Orders'] } }],
    },
  ],
  id: [
    {
      name: 'ID token',
      source: CLAIMS,
      header: {},
      claims: {
        ...session,
        aud: CLIENT,
        amr: ['pwd'],
        at_hash: 'GsWHcKQ',
        env: ENVIRONMENT,
        org: guid(5),
        preferred_username: 'alice',
        'p1.region': 'NA',
      },
    },
  ],
};

const PINGFEDERATE_ISSUER = 'https://sso.example.com';
const federated = { client_id: CLIENT, scope: 'openid profile', Username: 'alice', OrgName: 'Example' };

export const PINGFEDERATE: Vendor = {
  name: 'PingFederate',
  issuer: PINGFEDERATE_ISSUER,
  clients: [CLIENT],
  apis: [
    {
      name: 'API',
      side: { issuer: PINGFEDERATE_ISSUER, audience: API },
      access: [
        { name: 'JSON web token', source: ATM, header: { 'pi.atm': '5' }, claims: { ...federated, aud: API } },
        {
          name: 'with scope as a list',
          source: ATM,
          header: {},
          claims: { ...federated, aud: API, scope: ['openid', 'orders'] },
        },
        { name: 'with a type header', source: ATM, header: { typ: 'at+jwt' }, claims: { ...federated, aud: API } },
      ],
    },
    {
      name: 'API without aud',
      side: { issuer: PINGFEDERATE_ISSUER, withoutAudience: true },
      access: [{ name: 'no audience value set', source: ATM, header: { 'pi.atm': '5' }, claims: federated }],
    },
  ],
  id: [
    {
      name: 'ID token',
      source: POLICY,
      header: {},
      claims: {
        sub: 'alice',
        aud: CLIENT,
        jti: 'QMXrGn',
        auth_time: AUTH_TIME,
        'pi.sri': 'cV5Mb',
        acr: '1',
        at_hash: 'h',
      },
    },
  ],
};
