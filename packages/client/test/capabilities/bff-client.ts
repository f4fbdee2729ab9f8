import type { MintedSide } from '@crossfade/core';
import { GrantRefusedError, LoginRequiredError } from '../../src/provider/errors.ts';
import { APP, startBff } from '../fixture/bff-fixture.ts';
import type { ClientSetting, JourneyClient } from './journey.ts';

/** A browser with a session, and the token that its requests have now. */
interface BrowserSession {
  readonly cookie: string;
  readonly accessToken: string;
  readonly side: MintedSide;
}

/** The time between two refreshes: a token that an API refuses is replaced every 10 s at most. */
const STEP_MS = 11_000;

/** An application on `createBff`, and its browsers. */
export async function startBffClient({ provider, ...setting }: ClientSetting): Promise<JourneyClient<BrowserSession>> {
  let aheadMs = 0;
  const { issuer, clientId, clientSecret } = provider;
  const now = () => Date.now() + aheadMs;
  const app = await startBff({ issuer, clientId, clientSecret, ...setting, publicUrl: APP, silentLogin: false, now });

  async function session(cookie: string, not?: string): Promise<BrowserSession> {
    const request = new Request(APP, { headers: { cookie } });
    const accessToken = await app.bff.token(request, not === undefined ? {} : { not });
    return { cookie, accessToken, side: (await app.bff.user(request))?.side ?? 'unknown' };
  }

  return {
    async signIn() {
      const browser = app.browser();
      const { status, text } = await browser.visit(`${APP}/auth/login`);
      const [, error = ''] = /<small>(\w+)<\/small>/.exec(text) ?? [];
      if (status !== 200) throw new GrantRefusedError('the login', error);
      return session([...browser.cookies(APP)].map(([name, value]) => `${name}=${value}`).join('; '));
    },
    async refresh({ cookie, accessToken }) {
      aheadMs += STEP_MS;
      try {
        return await session(cookie, accessToken);
      } catch (error) {
        if (!(error instanceof LoginRequiredError)) throw error;
        const user = await app.bff.user(new Request(APP, { headers: { cookie } }));
        throw new LoginRequiredError('as the application says', { endsSession: user === undefined });
      }
    },
    tokenOf: (current) => current,
    close: app.close,
  };
}
