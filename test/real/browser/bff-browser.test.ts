import type { ServerResponse } from 'node:http';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Bff } from '../../../packages/client/src/bff/bff.ts';
import { createBff } from '../../../packages/client/src/bff/create-bff.ts';
import { webRequest } from '../../../packages/client/test/fixture/bff-fixture.ts';
import { issuanceFixture } from '../../../packages/client/test/fixture/issuance-fixture.ts';
import { type ProviderFixture, startProvider } from '../../../packages/client/test/fixture/provider-fixture.ts';
import { launchChromium } from '../fixture/chromium.ts';
import { type LoopbackServer, startLoopbackServer } from '../fixture/loopback-server.ts';
import { missing } from '../fixture/real-part.ts';

describe.skipIf(missing('chromium'))('createBff in Chromium', () => {
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  let front: LoopbackServer;
  let other: LoopbackServer;
  let provider: ProviderFixture;
  let bff: Bff;
  let app: string;
  let problems: string[];
  let isDownAtCallback = false;

  beforeAll(async () => {
    browser = await launchChromium();
    front = await startLoopbackServer(async (incoming, response) => {
      const request = await webRequest(incoming);
      if (isDownAtCallback && incoming.url?.startsWith('/auth/callback')) {
        provider.fault = (failed) => failed.writeHead(503, { 'retry-after': '0' }).end();
      }
      const ours = await bff.handle(request);
      return ours === undefined ? application(request, response) : send(ours, response);
    });
    // Another site than `localhost`: it has no cookie of the application.
    other = await startLoopbackServer((_, response) =>
      response.setHeader('content-type', 'text/html').end(attack(app)),
    );
    app = front.url.replace('127.0.0.1', 'localhost');
    provider = await startProvider({ redirectUri: `${app}/auth/callback` });
  });
  beforeEach(async () => {
    const { issuer, clientId, clientSecret } = provider;
    isDownAtCallback = false;
    provider.fault = undefined;
    bff = createBff({ issuer, clientId, clientSecret, publicUrl: app, selector: issuanceFixture().selector });
    context = await browser.newContext();
    page = await context.newPage();
    problems = [];
    page.on('console', (message) => {
      if (message.text().includes('Content Security Policy')) problems.push(message.text());
    });
  });
  afterEach(() => context.close());
  afterAll(async () => {
    await browser?.close();
    await Promise.all([front?.close(), other?.close(), provider?.close()]);
  });

  async function application(request: Request, response: ServerResponse): Promise<void> {
    const user = await bff.user(request);
    const form = '<form method="post" action="/auth/logout"><button>Leave</button></form>';
    response.setHeader('content-type', 'text/html').end(`<p>${user?.subject ?? 'signed out'}</p>${form}`);
  }

  async function logIn(): Promise<void> {
    await page.goto(`${app}/auth/login?returnTo=/orders`);
    expect([page.url(), await page.textContent('p')]).toEqual([`${app}/orders`, 'alice']);
  }

  it('logs in and out, by a plain form of the application', async () => {
    await logIn();
    await Promise.all([page.waitForURL(`${provider.issuer}/**`), page.click('button')]);
    await page.goto(`${app}/`);
    expect(await page.textContent('p')).toBe('signed out');
  });

  it('logs out by the button of the page, whose policy lets it go on to the provider', async () => {
    await logIn();
    await page.goto(`${app}/auth/logout`);
    expect(await page.title()).toBe('Sign out?');
    await Promise.all([page.waitForURL(`${provider.issuer}/**`), page.click('button')]);
    await page.goto(`${app}/`);
    expect(await page.textContent('p')).toBe('signed out');
    expect(problems).toEqual([]);
  });

  it('keeps the user logged in when another site posts to the logout, or links to it', async () => {
    await logIn();
    await page.goto(other.url);
    const [response] = await Promise.all([page.waitForResponse(`${app}/auth/logout`), page.click('button')]);
    expect(response.status()).toBe(403);
    await page.goto(other.url);
    await Promise.all([page.waitForURL(`${app}/auth/logout`), page.click('a')]);
    expect(await page.title()).toBe('Sign out?');
    await page.goto(`${app}/`);
    expect(await page.textContent('p')).toBe('alice');
  });

  it('shows pages with their style, and goes on by their link', async () => {
    await page.goto(`${app}/auth/callback?code=x&state=y`);
    expect(await page.title()).toBe('This sign-in is no longer valid');
    expect(await page.evaluate('getComputedStyle(document.querySelector("a")).backgroundColor')).toBe(
      'rgb(26, 79, 156)',
    );
    expect(problems).toEqual([]);
    await Promise.all([page.waitForURL(`${app}/`), page.click('a')]);
    expect(await page.textContent('p')).toBe('alice');
  });

  it('continues a login after an outage by the link of the page, and leads its spent callback to the application', async () => {
    isDownAtCallback = true;
    await page.goto(`${app}/auth/login?returnTo=/orders`);
    expect(await page.title()).toBe('Please try again in a moment');
    const callback = page.url();
    isDownAtCallback = false;
    provider.fault = undefined;
    await Promise.all([page.waitForURL(`${app}/orders`), page.click('a')]);
    await page.goto(callback);
    expect([page.url(), await page.textContent('p')]).toEqual([`${app}/`, 'alice']);
  });
});

async function send(ours: Response, response: ServerResponse): Promise<void> {
  response.writeHead(ours.status, [...ours.headers].flat()).end(await ours.text());
}

function attack(app: string): string {
  return `<form method="post" action="${app}/auth/logout"><button>Win</button></form><a href="${app}/auth/logout">Prize</a>`;
}
