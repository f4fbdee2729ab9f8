import { fetchUserInfo, skipSubjectCheck } from 'openid-client';
import { z } from 'zod';
import { InvalidResponseError } from '../provider/errors.ts';
import type { Provider } from '../provider/provider.ts';
import type { LoginSession, UserInfo } from './browser-login.ts';
import { boundTo } from './dpop-binding.ts';

/** Tolerant: claims are the provider's own, and providers send null for what they do not know. */
const USER_INFO = z
  .looseObject({ sub: z.string().min(1) })
  .transform((claims): UserInfo => ({ ...withoutNulls(claims), sub: claims.sub }));

/**
 * Fetches the claims of a session's user. Refuses those of another user than the ID token's, who may be an attacker's.
 * @see OIDC Core §5.3.2
 */
export async function fetchUser(provider: Provider, { subject, token, dpopKey }: LoginSession): Promise<UserInfo> {
  const what = 'the userinfo request';
  const response = await provider.request(what, async (configuration) => {
    const { options } = await boundTo(dpopKey, configuration);
    return fetchUserInfo(configuration, token.accessToken, subject ?? skipSubjectCheck, options);
  });
  const parsed = USER_INFO.safeParse(response);
  if (!parsed.success) throw new InvalidResponseError(what, 'response');
  return parsed.data;
}

function withoutNulls(claims: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(claims).filter(([, value]) => value !== null));
}
