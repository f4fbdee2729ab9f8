/** What becomes of a token response: what is read from it, or the check that refuses it. */
export type ShapeOutcome =
  | { readonly expires?: number; readonly scope?: string; readonly refresh?: string; readonly dpop?: true }
  | { readonly check: string }
  | { readonly error: string };

export interface TokenResponseShape {
  readonly name: string;
  /** The members of the body in addition to `access_token`; a text is the whole body. */
  readonly body: Readonly<Record<string, unknown>> | string;
  readonly contentType?: string;
  /** Whether openid-client accepts it as it is. */
  readonly native: boolean;
  readonly outcome: ShapeOutcome;
}

const BEARER = { token_type: 'Bearer' };
const shape = (
  name: string,
  body: TokenResponseShape['body'],
  native: boolean,
  outcome: ShapeOutcome,
  contentType?: string,
): TokenResponseShape => ({ name, body, native, outcome, ...(contentType !== undefined && { contentType }) });

/** What providers send at their token endpoints, by member. */
export const TOKEN_RESPONSE_SHAPES: readonly TokenResponseShape[] = [
  // Whole responses, as documented by their vendors.
  shape('RFC 6749 §5.1', { ...BEARER, expires_in: 3600, refresh_token: 'r', example_parameter: 'x' }, true, {
    expires: 3600,
    refresh: 'r',
  }),
  shape(
    'Entra v2.0',
    { ...BEARER, scope: 'api://orders/read', expires_in: 4203, ext_expires_in: 4203, refresh_token: 'r' },
    true,
    { expires: 4203, scope: 'api://orders/read', refresh: 'r' },
  ),
  shape(
    'Entra v1.0: numbers as texts, and a resource',
    {
      ...BEARER,
      expires_in: '3599',
      ext_expires_in: '3599',
      expires_on: '1388444763',
      not_before: '1388440863',
      resource: 'api://orders',
    },
    true,
    { expires: 3599 },
  ),
  shape('Auth0', { ...BEARER, expires_in: 86_400, scope: 'openid profile' }, true, {
    expires: 86_400,
    scope: 'openid profile',
  }),
  shape(
    'Keycloak: not-before-policy, session_state',
    {
      token_type: 'Bearer',
      expires_in: 300,
      refresh_expires_in: 0,
      refresh_token: 'r',
      'not-before-policy': 0,
      session_state: 's',
      scope: 'profile email',
    },
    true,
    { expires: 300, scope: 'profile email', refresh: 'r' },
  ),
  shape('Amazon Cognito: no scope', { ...BEARER, expires_in: 3600 }, true, { expires: 3600 }),
  shape('Okta', { ...BEARER, expires_in: 3600, scope: 'orders:read' }, true, { expires: 3600, scope: 'orders:read' }),
  shape('PingOne', { ...BEARER, expires_in: 3600, scope: 'orders:read', 'pi.session': 'x' }, true, {
    expires: 3600,
    scope: 'orders:read',
  }),
  shape(
    'Salesforce: no lifetime, when it was issued, where its API is',
    { ...BEARER, issued_at: '1278448384422', instance_url: 'https://x.example.com', signature: 's', id: 'https://x' },
    true,
    {},
  ),
  shape('Slack: ok and nested objects', { ...BEARER, ok: true, authed_user: { id: 'U1' }, scope: 'a,b' }, true, {
    scope: 'a,b',
  }),
  shape(
    'GitHub in its default form',
    'access_token=t&scope=repo%2Cgist&token_type=bearer',
    false,
    { scope: 'repo,gist' },
    'application/x-www-form-urlencoded; charset=utf-8',
  ),
  shape('GitHub as JSON, without a lifetime', { token_type: 'bearer', scope: 'repo,gist' }, true, {
    scope: 'repo,gist',
  }),
  shape('Spring Authorization Server', { ...BEARER, expires_in: 299, scope: 'a b' }, true, {
    expires: 299,
    scope: 'a b',
  }),
  shape('Ory Hydra', { token_type: 'bearer', expires_in: 3599, scope: '' }, true, { expires: 3599 }),
  // The lifetime.
  shape('a lifetime as a text', { ...BEARER, expires_in: '3600' }, true, { expires: 3600 }),
  shape('a lifetime with a fraction', { ...BEARER, expires_in: 3599.9 }, true, { expires: 3599 }),
  shape('a lifetime with a fraction, as a text', { ...BEARER, expires_in: '3599.9' }, true, { expires: 3599 }),
  shape('no lifetime', BEARER, true, {}),
  shape('a lifetime of null', { ...BEARER, expires_in: null }, false, {}),
  shape('a lifetime of no text', { ...BEARER, expires_in: '' }, false, {}),
  shape('a lifetime of 0: it does not expire', { ...BEARER, expires_in: 0 }, true, {}),
  shape('a negative lifetime: it does not expire', { ...BEARER, expires_in: -1 }, false, {}),
  shape('a lifetime of words', { ...BEARER, expires_in: 'never' }, false, {}),
  shape('a lifetime of true', { ...BEARER, expires_in: true }, false, {}),
  shape('a lifetime beyond numbers', `{"access_token":"t","token_type":"Bearer","expires_in":1e999}`, false, {}),
  // The scope.
  shape('a scope as a list', { ...BEARER, scope: ['a', 'b'] }, false, { scope: 'a b' }),
  shape('a scope as an empty list', { ...BEARER, scope: [] }, false, {}),
  shape('an empty scope', { ...BEARER, scope: '' }, true, {}),
  shape('a scope of null', { ...BEARER, scope: null }, false, {}),
  shape('a scope with more spaces', { ...BEARER, scope: '  a   b ' }, true, { scope: 'a b' }),
  shape('a scope with line breaks', { ...BEARER, scope: 'a\nb' }, true, { scope: 'a b' }),
  shape('a scope as an object', { ...BEARER, scope: { a: true } }, false, {}),
  // The type.
  shape('the type bearer', { token_type: 'bearer' }, true, {}),
  shape('the type BEARER', { token_type: 'BEARER' }, true, {}),
  shape('the type DPoP', { token_type: 'DPoP' }, true, { dpop: true }),
  shape('no type', {}, false, {}),
  shape('a type of null', { token_type: null }, false, {}),
  shape('another type', { token_type: 'mac' }, false, { check: 'token_type' }),
  shape('a type that is a number', { token_type: 1 }, false, { check: 'token_type' }),
  // Further tokens.
  shape('an ID token of null', { ...BEARER, id_token: null }, false, {}),
  shape('an empty ID token', { ...BEARER, id_token: '' }, false, {}),
  shape('a refresh token of null', { ...BEARER, refresh_token: null }, false, {}),
  shape('an empty refresh token', { ...BEARER, refresh_token: '' }, false, {}),
  // The access token.
  shape('no access token', '{"token_type":"Bearer"}', false, { check: 'access_token' }),
  shape('an empty access token', { ...BEARER, access_token: '' }, false, { check: 'access_token' }),
  shape('an access token that is an object', { ...BEARER, access_token: {} }, false, { check: 'access_token' }),
  shape('an access token by another name', '{"accessToken":"t","token_type":"Bearer"}', false, {
    check: 'access_token',
  }),
  // The whole.
  shape('a refusal with status 200, as of GitHub', '{"error":"bad_verification_code"}', false, {
    error: 'bad_verification_code',
  }),
  shape('JSON of another media type', { ...BEARER }, true, {}, 'text/plain'),
  shape('JSON without a media type', { ...BEARER }, true, {}, ''),
  shape('JSON after a byte order mark', '\uFEFF{"access_token":"t","token_type":"Bearer"}', true, {}),
  shape('a list', '[]', false, { check: 'response' }),
];
