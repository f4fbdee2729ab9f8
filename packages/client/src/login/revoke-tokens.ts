import { tokenRevocation } from 'openid-client';
import type { Provider } from '../provider/provider.ts';
import type { LoginSession } from './browser-login.ts';

/**
 * Revokes the tokens of a session: the refresh token first, with which most providers revoke the access token, too. Never rejects.
 * @see RFC 7009 §2.1
 */
export async function revokeTokens(provider: Provider, { refreshToken, token }: LoginSession): Promise<void> {
  if (refreshToken !== undefined) await revokeToken(provider, refreshToken, 'refresh_token');
  await revokeToken(provider, token.accessToken, 'access_token');
}

async function revokeToken(provider: Provider, token: string, hint: string): Promise<void> {
  try {
    await provider.request('the revocation', async (configuration) => {
      if (configuration.serverMetadata().revocation_endpoint === undefined) return;
      await tokenRevocation(configuration, token, { token_type_hint: hint });
    });
  } catch {
    // The token expires.
  }
}
