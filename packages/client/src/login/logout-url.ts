import { UnavailableError } from '@crossfade/core';
import { buildEndSessionUrl } from 'openid-client';
import { InvalidResponseError } from '../provider/errors.ts';
import type { Provider } from '../provider/provider.ts';
import type { LoginSession, LogoutRequest } from './browser-login.ts';

/**
 * Returns the URL that ends the user's session at the provider; `undefined` where it has none or cannot be reached: the user is
 * logged out of the application all the same.
 * @see OIDC RP-Initiated Logout 1.0 §2
 */
export async function logoutUrl(
  provider: Provider,
  { idToken }: LoginSession,
  { postLogoutRedirectUri, state }: LogoutRequest,
): Promise<URL | undefined> {
  try {
    return await provider.request('the logout', async (configuration) => {
      if (configuration.serverMetadata().end_session_endpoint === undefined) return undefined;
      return buildEndSessionUrl(configuration, {
        ...(idToken !== undefined && { id_token_hint: idToken }),
        ...(postLogoutRedirectUri !== undefined && { post_logout_redirect_uri: postLogoutRedirectUri }),
        ...(state !== undefined && { state }),
      });
    });
  } catch (error) {
    if (error instanceof UnavailableError || error instanceof InvalidResponseError) return undefined;
    throw error;
  }
}
