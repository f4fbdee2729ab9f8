import type { LoginSession } from '../../src/login/browser-login.ts';
import { createBrowserLogin } from '../../src/login/create-browser-login.ts';
import { GrantRefusedError } from '../../src/provider/errors.ts';
import type { ClientSetting, JourneyClient } from './journey.ts';

/** An application on `createBrowserLogin`, which keeps the sessions itself. */
export async function startLoginClient({ provider, ...setting }: ClientSetting): Promise<JourneyClient<LoginSession>> {
  const login = createBrowserLogin({ ...provider, ...setting });

  async function signIn(key: string): Promise<LoginSession> {
    const { url, pending } = await login.start({ key });
    try {
      return await login.finish(await provider.browse(url), pending);
    } catch (error) {
      if (error instanceof GrantRefusedError && error.fallsBack) return signIn(key);
      throw error;
    }
  }

  return { signIn, refresh: login.refresh, tokenOf: ({ token }) => token, close: async () => {} };
}
