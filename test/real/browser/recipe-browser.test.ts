import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { audienceOf } from '../../../packages/client/test/fixture/audience-of.ts';
import {
  LEGACY_AUDIENCE,
  LEGACY_SIDE,
  type ProviderFixture,
  startProvider,
  TARGET_RESOURCE,
  TARGET_SIDE,
} from '../../../packages/client/test/fixture/provider-fixture.ts';
import { launchChromium, openModules } from '../fixture/chromium.ts';
import { IMPORT_MAP, publishedFile } from '../fixture/import-map.ts';
import { type LoopbackServer, startLoopbackServer } from '../fixture/loopback-server.ts';
import { missing } from '../fixture/real-part.ts';

const ONE_SCOPE = {
  legacy: { scope: 'openid orders:read' },
  target: { scope: 'openid orders:read', resource: TARGET_RESOURCE },
};

describe.skipIf(missing('chromium'))('the recipe for oidc-client-ts in Chromium', () => {
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  let front: LoopbackServer;
  let provider: ProviderFixture;
  let percent = 0;
  let settings: Record<string, unknown> = {};

  beforeAll(async () => {
    browser = await launchChromium();
    front = await startLoopbackServer((request, response) => {
      const { pathname } = new URL(request.url ?? '/', front.url);
      if (pathname === '/auth/issuance') {
        const position = { enabled: percent > 0, percent, revision: String(percent), stale: false };
        return response.setHeader('content-type', 'application/json').end(JSON.stringify(position));
      }
      const file = publishedFile(pathname);
      response.setHeader('content-type', file === undefined ? 'text/html' : 'text/javascript');
      return response.end(file ?? application(settings));
    });
    provider = await startProvider({ redirectUri: `${front.url}/callback`, isPublic: true });
  });
  beforeEach(async () => {
    percent = 0;
    provider.refusesTarget = false;
    settings = {
      issuer: provider.issuer,
      clientId: provider.clientId,
      redirectUri: provider.redirectUri,
      issuanceUrl: `${front.url}/auth/issuance`,
      legacy: LEGACY_SIDE,
      target: TARGET_SIDE,
      salt: 'orders-2026',
    };
    context = await browser.newContext();
    page = await context.newPage();
  });
  afterEach(() => context?.close());
  afterAll(async () => {
    await browser?.close();
    await Promise.all([front?.close(), provider?.close()]);
  });

  /** Opens the application, which logs in, and returns the audience of the access token that the page then has. */
  async function login(): Promise<unknown> {
    await openModules(page, front.url, 'globalThis.outcome !== undefined');
    return audience('globalThis.outcome');
  }

  async function audience(expression: string): Promise<unknown> {
    const { token, error } = await page.evaluate<{ token?: string; error?: string }>(expression);
    return token === undefined ? error : audienceOf(token);
  }

  const renew = () => audience('globalThis.renew()');

  it('asks for the side that the backend publishes, and follows a rollback at the next login', async () => {
    const audiences: unknown[] = [];
    for (const position of [0, 100, 0]) {
      percent = position;
      audiences.push(await login());
    }
    expect(audiences).toEqual([LEGACY_AUDIENCE, TARGET_RESOURCE, LEGACY_AUDIENCE]);
  });

  it('keeps the side of a session when its token is renewed', async () => {
    percent = 100;
    await login();
    percent = 0;
    await page.evaluate('globalThis.poll()');
    expect([await renew(), await renew()]).toEqual([TARGET_RESOURCE, TARGET_RESOURCE]);
  });

  it('moves a session when its token is renewed, and back after a rollback, where the provider can retarget', async () => {
    settings = { ...settings, ...ONE_SCOPE, refresh: 'retarget' };
    const audiences = [await login()];
    for (const position of [100, 100, 0]) {
      percent = position;
      await page.evaluate('globalThis.poll()');
      audiences.push(await renew());
    }
    expect(audiences).toEqual([LEGACY_AUDIENCE, TARGET_RESOURCE, TARGET_RESOURCE, LEGACY_AUDIENCE]);
  });

  it('logs in with legacy while the provider refuses target', async () => {
    percent = 100;
    provider.refusesTarget = true;
    expect(await login()).toBe(LEGACY_AUDIENCE);
  });

  it('stores no token where a later page finds it', async () => {
    await login();
    const stored = await page.evaluate<string>('JSON.stringify([{ ...localStorage }, { ...sessionStorage }])');
    expect(stored).toContain('device');
    expect(stored).not.toMatch(/access_token|refresh_token|id_token/);
  });
});

/** A page that logs in, unless it is the callback of a login. */
function application(settings: unknown): string {
  return `<!doctype html><meta charset="utf-8"><title>orders</title>
<script type="importmap">${JSON.stringify(IMPORT_MAP)}</script>
<script type="module">
  import { createLogin } from '/apps/oidc-client-ts.js';
  const { login, finish, renew, remote } = createLogin(${JSON.stringify(settings)});
  const shown = (user) => ({ token: user.access_token });
  globalThis.poll = () => remote.refresh();
  globalThis.renew = () => renew().then(shown, (error) => ({ error: String(error) }));
  if (location.pathname === '/callback') {
    const user = await finish().catch((error) => (globalThis.outcome = { error: String(error) }, undefined));
    if (user !== undefined) globalThis.outcome = shown(user);
  } else {
    await login();
  }
</script>`;
}
