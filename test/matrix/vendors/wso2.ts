import { guid, ISSUED_AT, type Vendor } from './vendor.ts';

const ISSUER = 'https://is.example.com/oauth2/token';
const CLIENT = 'jVcW4oLn1Jjb2T94H4gtPV9z5Y0a';
const TOKENS = 'https://is.docs.wso2.com/en/5.10.0/learn/self-contained-access-tokens/';
const IMPERSONATION = 'https://is.docs.wso2.com/en/latest/guides/authorization/user-impersonation/';
const ID_TOKEN = 'https://is.docs.wso2.com/en/5.10.0/learn/openid-connect-token-validation/';
const common = { sub: guid(1), aud: CLIENT, nbf: ISSUED_AT, azp: CLIENT };
const user = { ...common, aut: 'APPLICATION_USER', client_id: CLIENT, jti: guid(2) };

export const WSO2: Vendor = {
  name: 'WSO2 Identity Server',
  issuer: ISSUER,
  clients: [CLIENT],
  apis: [
    {
      name: 'API, by the client id',
      side: { issuer: ISSUER, audience: CLIENT },
      access: [
        { name: 'of a user', source: TOKENS, claims: { ...user, scope: 'openid' } },
        { name: 'of a user, without scope', source: TOKENS, claims: user },
        {
          name: 'at+jwt',
          source: TOKENS,
          header: { typ: 'at+jwt' },
          claims: { ...common, client_id: CLIENT, scope: 'openid' },
        },
        { name: 'of an application', source: TOKENS, claims: { ...user, sub: CLIENT, aut: 'APPLICATION' } },
        {
          name: 'impersonated',
          source: IMPERSONATION,
          claims: { ...user, act: { sub: guid(3) }, org_id: guid(4), scope: 'internal_login internal_user_mgt_list' },
        },
      ],
    },
  ],
  id: [
    {
      name: 'ID token',
      source: ID_TOKEN,
      claims: {
        ...common,
        isk: 'a3f1',
        at_hash: 'O4Rd',
        c_hash: 'S5EY',
        amr: ['BasicAuthenticator'],
        sid: guid(5),
        org_name: 'Super',
      },
    },
  ],
};
