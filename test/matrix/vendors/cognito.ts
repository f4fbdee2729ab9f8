import { AUTH_TIME, guid, type Vendor } from './vendor.ts';

const ISSUER = 'https://cognito-idp.us-west-2.amazonaws.com/us-west-2_example';
const CLIENT = 'xxxxxxxxxxxxexample';
const RESOURCE = 'https://api.example.com/orders';
const GUIDE = 'https://docs.aws.amazon.com/cognito/latest/developerguide';
const ACCESS = `${GUIDE}/amazon-cognito-user-pools-using-the-access-token.html`;
const BINDING = `${GUIDE}/cognito-user-pools-define-resource-servers.html`;
const ID_TOKEN = `${GUIDE}/amazon-cognito-user-pools-using-the-id-token.html`;

const user = {
  sub: guid(1),
  'cognito:groups': ['testgroup'],
  auth_time: AUTH_TIME,
  jti: guid(2),
  origin_jti: guid(3),
  event_id: guid(4),
};
const access = {
  ...user,
  version: 2,
  client_id: CLIENT,
  token_use: 'access',
  username: 'my-test-user',
  scope: 'phone openid profile email',
};
const machine = {
  sub: CLIENT,
  version: 2,
  client_id: CLIENT,
  token_use: 'access',
  scope: 'orders/read',
  auth_time: AUTH_TIME,
  jti: guid(5),
};
const unaddressed = [
  { name: 'of a user', source: ACCESS, header: {}, claims: access },
  { name: 'machine to machine', source: ACCESS, header: {}, claims: machine },
];

export const COGNITO: Vendor = {
  name: 'Amazon Cognito',
  issuer: ISSUER,
  clients: [CLIENT],
  apis: [
    { name: 'API without aud, by client', side: { issuer: ISSUER, clientIds: [CLIENT] }, access: unaddressed },
    { name: 'API without aud', side: { issuer: ISSUER, withoutAudience: true }, access: unaddressed },
    {
      name: 'API with resource binding',
      side: { issuer: ISSUER, audience: RESOURCE },
      access: [{ name: 'of a user', source: BINDING, header: {}, claims: { ...access, aud: RESOURCE } }],
    },
  ],
  id: [
    {
      name: 'ID token',
      source: ID_TOKEN,
      header: {},
      claims: {
        ...user,
        aud: CLIENT,
        token_use: 'id',
        'cognito:username': 'my-test-user',
        email: 'me@example.com',
        at_hash: 'h',
      },
    },
  ],
};
