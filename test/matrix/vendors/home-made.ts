import { ISSUED_AT, type Vendor } from './vendor.ts';

const ISSUER = 'auth.example.com';
const CLIENT = 'mobile-app';
const RFC = 'https://www.rfc-editor.org/rfc/rfc7519#section-3.1';
const SIMPLE_JWT = 'https://django-rest-framework-simplejwt.readthedocs.io/en/latest/customizing_token_claims.html';
const FLASK = 'https://flask-jwt-extended.readthedocs.io/en/stable/refreshing_tokens.html';
const LARAVEL = 'https://laravel-jwt-auth.readthedocs.io/en/latest/token-creation/';
const OIDC = 'https://openid.net/specs/openid-connect-core-1_0.html#IDToken';
const simple = { jti: 'fd4a', user_id: 7 };
const flask = { fresh: false, jti: 'c0ff', sub: 'alice', nbf: ISSUED_AT };

export const HOME_MADE: Vendor = {
  name: 'a home-made issuer',
  issuer: ISSUER,
  clients: [CLIENT],
  apis: [
    {
      name: 'API, by name',
      side: { issuer: ISSUER, audience: 'orders-api' },
      access: [
        { name: 'minimal', source: RFC, claims: { sub: 'alice', aud: 'orders-api' } },
        {
          name: 'numeric subject, null claims',
          source: LARAVEL,
          claims: { sub: 7, aud: 'orders-api', nbf: null, scope: null },
        },
        {
          name: 'profile of the user',
          source: RFC,
          claims: { sub: 'alice', aud: 'orders-api', email: 'a@example.com', name: 'A' },
        },
      ],
    },
    {
      name: 'API without aud',
      side: { issuer: ISSUER, withoutAudience: true },
      access: [
        { name: 'Simple JWT', source: SIMPLE_JWT, claims: { ...simple, token_type: 'access' } },
        { name: 'Flask-JWT-Extended', source: FLASK, claims: { ...flask, type: 'access' } },
        { name: 'of a client', source: RFC, claims: { sub: 'alice', client_id: CLIENT, scope: 'orders' } },
      ],
    },
  ],
  id: [{ name: 'ID token', source: OIDC, claims: { sub: 'alice', aud: CLIENT, email: 'a@example.com' } }],
  other: [
    { name: 'Simple JWT refresh token', source: SIMPLE_JWT, claims: { ...simple, token_type: 'refresh' } },
    { name: 'Flask-JWT-Extended refresh token', source: FLASK, claims: { ...flask, type: 'refresh' } },
  ],
};
