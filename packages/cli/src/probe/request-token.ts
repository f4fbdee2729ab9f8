import { errorCode, type Side, type SidePlan, UnavailableError } from '@crossfade/core';
import { isIssuerUrl } from '@crossfade/core/schema';
import { type Dialect, parameterEntries, requestParameters } from '@crossfade/selector';
import {
  allowInsecureRequests,
  ClientSecretBasic,
  ClientSecretPost,
  Configuration,
  clientCredentialsGrant,
  ResponseBodyError,
  WWWAuthenticateChallengeError,
} from 'openid-client';
import { fetchIssuerMetadata, type IssuerMetadata } from './issuer-metadata.ts';

const TIMEOUT_SECONDS = 10;
/** What only a login of a user can be granted (OpenID Connect Core §5.4, §11). */
const LOGIN_SCOPE: ReadonlySet<string> = new Set(['openid', 'profile', 'email', 'address', 'phone', 'offline_access']);

/** The client that asks for tokens, and what it asks for beyond the plan. */
export interface TokenClient {
  readonly clientId: string;
  readonly clientSecret: string;
  /** Replaces the plan's scope of a side. */
  readonly scope: Readonly<Partial<Record<Side, string>>>;
  /** How the provider is asked for an audience; absent: by scope, and by resource if the side has one. */
  readonly dialect?: Dialect;
  /** Sends `audience`, too, as Auth0 wants it. */
  readonly sendsAudience: boolean;
}

/** A token, or why the provider refused it. */
export type RequestedToken = { readonly token: string } | { readonly refusal: string };

/** Returns the parameters that ask for a side, without what only the login of a user can be granted. */
function tokenParameters(side: Side, plan: SidePlan, { scope, dialect, sendsAudience }: TokenClient): URLSearchParams {
  const words = plan.scope.split(' ').filter((word) => word !== '' && !LOGIN_SCOPE.has(word));
  const asked = requestParameters({ ...plan, scope: scope[side] ?? words.join(' ') }, dialect);
  const parameters = new URLSearchParams(parameterEntries(asked));
  if (sendsAudience && plan.audience !== undefined) parameters.set('audience', plan.audience);
  return parameters;
}

/**
 * Gets an access token for a side by client credentials (RFC 6749 §4.4).
 * @throws `UnavailableError` when the issuer cannot be reached, or has no token endpoint. Never names token or secret.
 */
export async function requestToken(
  side: Side,
  plan: SidePlan,
  client: TokenClient,
  signal: AbortSignal,
): Promise<RequestedToken> {
  const issuer = (plan.issuers ?? [plan.issuer]).find(isIssuerUrl);
  if (issuer === undefined)
    throw new UnavailableError(
      `${side}.issuer is no URL: there is no metadata that names a token endpoint; give the token by --${side}-token-file`,
    );
  const configuration = configure(await fetchIssuerMetadata(issuer, signal), client);
  try {
    const response = await clientCredentialsGrant(configuration, tokenParameters(side, plan, client));
    if (response.token_type !== 'bearer')
      return { refusal: `a token of type ${response.token_type}, which only its client can present` };
    return { token: response.access_token };
  } catch (error) {
    const code = refusalCode(error);
    if (code !== undefined) return { refusal: code };
    throw new UnavailableError(`the token endpoint of ${side}.issuer cannot be used: ${failureOf(error)}`, {
      cause: error,
    });
  }
}

function configure(metadata: IssuerMetadata, { clientId, clientSecret }: TokenClient): Configuration {
  const { issuer, token_endpoint, token_endpoint_auth_methods_supported: methods } = metadata;
  if (token_endpoint === undefined)
    throw new UnavailableError(`the metadata of ${issuer} names no https token_endpoint`);
  // Every provider supports Basic (RFC 6749 §2.3.1), but some say otherwise.
  const usesPost = methods?.includes('client_secret_post') === true && !methods.includes('client_secret_basic');
  const authentication = usesPost ? ClientSecretPost(clientSecret) : ClientSecretBasic(clientSecret);
  const configuration = new Configuration({ issuer, token_endpoint }, clientId, undefined, authentication);
  configuration.timeout = TIMEOUT_SECONDS;
  // `isSecureUrl` has allowed http on loopback only.
  if (token_endpoint.startsWith('http:')) allowInsecureRequests(configuration);
  return configuration;
}

/** An error code of RFC 6749 §5.2, RFC 8707 §2, or a vendor's: it names no token. */
function refusalCode(error: unknown): string | undefined {
  if (error instanceof ResponseBodyError) return /^[a-z0-9_.-]{1,64}$/i.test(error.error) ? error.error : 'an error';
  return error instanceof WWWAuthenticateChallengeError ? 'invalid_client' : undefined;
}

/** The code alone: messages may quote the response. */
function failureOf(error: unknown): string {
  const cause = error instanceof Error ? errorCode(error.cause) : undefined;
  return cause ?? errorCode(error) ?? 'unknown failure';
}
