import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { crossfadeBff } from '../../../packages/client/src/express.ts';
import { type Bff, createBff } from '../../../packages/client/src/index.ts';
import { issuanceFixture } from '../../../packages/client/test/fixture/issuance-fixture.ts';
import { type ProviderFixture, startProvider } from '../../../packages/client/test/fixture/provider-fixture.ts';
import { launchChromium } from '../fixture/chromium.ts';
import { missing } from '../fixture/real-part.ts';
import { createIdentity } from '../fixture/tls-proxies.ts';

const SESSION = '__Host-crossfade-session';
const PLANTED = 'A'.repeat(43);

describe.skipIf(missing('chromium'))('the cookies of createBff in Chromium, over TLS', () => {
  const folder = mkdtempSync(join(tmpdir(), 'host-cookie-'));
  const server = createServer(createIdentity(folder, 'app', '/CN=app.localhost'));
  /** The cookies that the sibling got. */
  const stolen: (string | undefined)[] = [];
  let browser: Browser;
  let provider: ProviderFixture;
  let bff: Bff;
  let app: string;
  let sibling: string;

  beforeAll(async () => {
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    app = `https://app.localhost:${port}`;
    sibling = `https://evil.app.localhost:${port}`;
    provider = await startProvider({ redirectUri: `${app}/auth/callback` });
    const { issuer, clientId, clientSecret } = provider;
    bff = createBff({ issuer, clientId, clientSecret, publicUrl: app, selector: issuanceFixture().selector });
    const handle = crossfadeBff({ bff });
    server.on('request', (request: IncomingMessage, response: ServerResponse) =>
      request.headers.host?.startsWith('evil.')
        ? plant(request, response)
        : handle(request, response, () => void show(request, response)),
    );
    browser = await launchChromium();
  });
  afterAll(async () => {
    await browser?.close();
    server.closeAllConnections();
    server.close();
    await provider?.close();
    rmSync(folder, { recursive: true });
  });

  async function show(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { cookie = '' } = request.headers;
    const user = await bff.user(new Request(app, { headers: { cookie } }));
    response.setHeader('content-type', 'text/html').end(`<p>${user?.subject ?? 'signed out'}</p>`);
  }

  /** A page of a sibling domain, which an attacker has, tries each form of the cookie by header and by script. */
  function plant({ headers }: IncomingMessage, response: ServerResponse): void {
    stolen.push(headers.cookie);
    const lines = [SESSION, 'crossfade-session', '__Secure-crossfade-session'].flatMap((name) => [
      `${name}=${PLANTED}; Domain=app.localhost; Path=/; Secure`,
      `${name}=${PLANTED}; Domain=app.localhost; Path=/auth; Secure`,
      `${name}=${PLANTED}; Path=/; Secure`,
    ]);
    const script = `for (const line of ${JSON.stringify(lines)}) document.cookie = line`;
    response.setHeader('set-cookie', lines).setHeader('content-type', 'text/html');
    response.end(`<p>planted</p><script>${script}</script>`);
  }

  it('belong to the host alone: no script reads them, and no sibling domain gets or replaces one', async () => {
    const context = await browser.newContext({ ignoreHTTPSErrors: true });
    const page = await context.newPage();
    await page.goto(`${app}/auth/login?returnTo=/orders`);
    expect([page.url(), await page.textContent('p')]).toEqual([`${app}/orders`, 'alice']);
    const ours = async () => (await context.cookies(app)).filter(({ name }) => name === SESSION);
    const [cookie, ...more] = await ours();
    expect(cookie).toMatchObject({ domain: 'app.localhost', path: '/', httpOnly: true, secure: true, sameSite: 'Lax' });
    expect(more).toEqual([]);
    expect(await page.evaluate('document.cookie')).toBe('');

    await page.goto(sibling);
    await page.goto(sibling);
    expect(stolen.join()).not.toContain(cookie?.value);
    // What the sibling could set is there, so that the attempt was one.
    expect(stolen.at(-1)).toContain(`crossfade-session=${PLANTED}`);
    expect(await ours()).toEqual([cookie]);
    await page.goto(`${app}/orders`);
    expect(await page.textContent('p')).toBe('alice');
    await context.close();
  });
});
