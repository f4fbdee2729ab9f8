import { randomBytes } from 'node:crypto';
import { exportJWK, generateKeyPair } from 'jose';
import type { ClientMetadata, Configuration, KoaContextWithOIDC, ResourceServer } from 'oidc-provider';
import { logoutPage, type User } from './identity-pages.ts';
import { createIdentityStore } from './identity-store.ts';

const ALGORITHM = 'ES256';
const LONG_SECONDS = 86_400;

/** A resource for which the provider issues JWT access tokens (RFC 9068). */
export interface ProtectedResource {
  /** The `resource` parameter that asks for it (RFC 8707). */
  readonly resource: string;
  /** The `aud` of its tokens. */
  readonly audience: string;
  /** Its scopes, space-separated. */
  readonly scope: string;
}

export interface IdentityProviderOptions {
  /** The port on loopback. Default: a free one. */
  readonly port?: number;
  /** The resource of a token request that names none: the legacy audience. */
  readonly defaultResource: ProtectedResource;
  /** The resource that a token request must name: the target audience. */
  readonly targetResource: ProtectedResource;
  /** A resource of another API, whose tokens neither side of the migration accepts. Default: none. */
  readonly otherResource?: ProtectedResource;
  readonly webApp: {
    readonly clientId: string;
    readonly clientSecret: string;
    readonly redirectUri: string;
    /** Where a browser may go after a logout. Default: nowhere. */
    readonly postLogoutRedirectUri?: string;
  };
  /** The users that the login page offers, with the `roles` claim of their ID tokens. Other names have no role. */
  readonly users?: readonly User[];
  /** The clients that use the client credentials grant. */
  readonly machines: readonly { readonly clientId: string; readonly clientSecret: string }[];
  readonly tokenLifetimeSeconds: number;
  /** Counts from the login, however often the refresh token is rotated. */
  readonly sessionLifetimeSeconds: number;
}

/** Create the errors that `oidc-provider` turns into OAuth error responses. */
export interface ProviderErrors {
  /** For an unknown resource (RFC 8707 §2). */
  readonly invalidTarget: () => Error;
  /** For a session that is over (RFC 6749 §5.2). */
  readonly invalidGrant: () => Error;
}

/**
 * Creates the configuration of `oidc-provider`: a new key, the clients, two resources with JWT access tokens, refresh
 * tokens for every browser session, and no consent page.
 */
export async function identityConfiguration(
  options: IdentityProviderOptions,
  errors: ProviderErrors,
): Promise<Configuration> {
  const { privateKey } = await generateKeyPair(ALGORITHM, { extractable: true });
  const signingKey = {
    ...(await exportJWK(privateKey)),
    alg: ALGORITHM,
    use: 'sig',
    kid: randomBytes(8).toString('hex'),
  };
  const lifetime = options.tokenLifetimeSeconds;
  return {
    adapter: createIdentityStore(),
    jwks: { keys: [signingKey] },
    cookies: { keys: [randomBytes(32).toString('base64url')] },
    clients: clientsOf(options),
    clientDefaults: { id_token_signed_response_alg: ALGORITHM },
    enabledJWA: { idTokenSigningAlgValues: [ALGORITHM] },
    scopes: [...new Set(`openid profile ${options.defaultResource.scope} ${options.targetResource.scope}`.split(' '))],
    claims: { profile: ['name', 'roles'] },
    // As most providers do it: the ID token has the claims of its scope, whatever the response type.
    conformIdTokenClaims: false,
    findAccount: (_context, id) => ({ accountId: id, claims: () => claimsOf(id, options.users) }),
    interactions: { url: (_context, interaction) => `/login/${interaction.uid}` },
    loadExistingGrant: grantEverything,
    issueRefreshToken: (_context, client) => client.grantTypeAllowed('refresh_token'),
    rotateRefreshToken: true,
    expiresWithSession: () => false,
    renderError(context) {
      context.type = 'text';
      context.body = 'the identity provider cannot process this request\n';
    },
    ttl: {
      AccessToken: lifetime,
      ClientCredentials: lifetime,
      AuthorizationCode: 60,
      IdToken: lifetime,
      RefreshToken: (context) => {
        const remaining = context.oidc.entities.RotatedRefreshToken?.remainingTTL ?? options.sessionLifetimeSeconds;
        // The session ended since its token was checked. The provider responds to a lifetime of 0 with 500.
        if (remaining <= 0) throw errors.invalidGrant();
        return remaining;
      },
      Interaction: LONG_SECONDS,
      Session: LONG_SECONDS,
      Grant: LONG_SECONDS,
    },
    features: {
      devInteractions: { enabled: false },
      rpInitiatedLogout: { enabled: true, logoutSource: logoutPage },
      userinfo: { enabled: false },
      clientCredentials: { enabled: true },
      resourceIndicators: resourceIndicatorsOf(options, errors.invalidTarget),
    },
  };
}

function claimsOf(name: string, users: readonly User[] = []) {
  return { sub: name, name, roles: users.find((user) => user.name === name)?.roles ?? [] };
}

function clientsOf({ webApp, machines }: IdentityProviderOptions): ClientMetadata[] {
  const browserClient: ClientMetadata = {
    client_id: webApp.clientId,
    client_secret: webApp.clientSecret,
    redirect_uris: [webApp.redirectUri],
    ...(webApp.postLogoutRedirectUri !== undefined && { post_logout_redirect_uris: [webApp.postLogoutRedirectUri] }),
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    token_endpoint_auth_method: 'client_secret_basic',
  };
  const machineClients = machines.map(
    ({ clientId, clientSecret }): ClientMetadata => ({
      client_id: clientId,
      client_secret: clientSecret,
      redirect_uris: [],
      grant_types: ['client_credentials'],
      response_types: [],
      token_endpoint_auth_method: 'client_secret_basic',
    }),
  );
  return [browserClient, ...machineClients];
}

function resourceIndicatorsOf(
  { defaultResource, targetResource, otherResource, tokenLifetimeSeconds }: IdentityProviderOptions,
  invalidTarget: () => Error,
) {
  const resources = [defaultResource, targetResource, ...(otherResource === undefined ? [] : [otherResource])];
  return {
    enabled: true,
    defaultResource: () => defaultResource.resource,
    useGrantedResource: () => true,
    getResourceServerInfo(_context: KoaContextWithOIDC, indicator: string): ResourceServer {
      const found = resources.find(({ resource }) => resource === indicator);
      if (found === undefined) throw invalidTarget();
      return {
        audience: found.audience,
        scope: found.scope,
        accessTokenFormat: 'jwt',
        accessTokenTTL: tokenLifetimeSeconds,
        jwt: { sign: { alg: ALGORITHM } },
      };
    },
  };
}

/** Replaces the consent page: first-party clients get what they ask for. */
async function grantEverything({ oidc }: KoaContextWithOIDC) {
  const { session, client, provider, requestParamScopes, resourceServers } = oidc;
  if (session?.accountId === undefined || client === undefined) return undefined;
  const grant = new provider.Grant({ clientId: client.clientId, accountId: session.accountId });
  const scope = [...requestParamScopes].join(' ');
  grant.addOIDCScope(scope);
  for (const resource of Object.keys(resourceServers ?? {})) grant.addResourceScope(resource, scope);
  await grant.save();
  return grant;
}
