import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { run } from '@crossfade/cli';
import { type Lab, startLab } from '@crossfade/lab';
import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { execute, missing } from '../fixture/real-part.ts';
import { type WatchedTab, watchTab } from '../fixture/watched-tab.ts';

const root = resolve(import.meta.dirname, '../../..');
const WAIT = { timeout: 30_000, interval: 100 };
/** Legacy sessions and tokens end, and then the gate's silence. */
const DRAIN = { timeout: 120_000, interval: 1000 };
/**
 * A provider that hangs for 12 s is not noticed while the tokens live longer than that. All else is as short as it can be, so that
 * legacy drains within a minute.
 */
const TIMING = { tokenLifetimeSeconds: 20, sessionLifetimeSeconds: 22, silenceSeconds: 3, requestsPerSecond: 8 };
/** A session that ends between two requests of a tab: the page then logs in, and only the console shows it. */
const SESSION_ENDED = /^console: .* 401 .*\/api\/orders$/;
const HANG_MS = 12_000;

describe.skipIf(missing('chromium'))('the web application of the lab in Chromium', () => {
  const pictures = mkdtempSync(join(tmpdir(), 'client-browser-'));
  let browser: Browser;
  let lab: Lab;
  let tabs: WatchedTab[] = [];

  beforeAll(async () => {
    process.stdout.write(`pictures: ${pictures}\n`);
    lab = await startLab({ seed: 7, clients: 4, fast: true, timing: TIMING });
    browser = await chromium.launch({
      executablePath: execute('sh', ['-c', 'command -v chromium'], root).output.trim(),
      args: [
        ...['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'],
        ...['--disable-background-networking', '--disable-component-update', '--disable-sync'],
      ],
    });
  });
  afterAll(async () => {
    await browser?.close();
    await lab?.close();
  });
  afterEach(async () => {
    tabs = [];
    await Promise.all(browser.contexts().map((context) => context.close()));
  });

  const newBrowser = () => browser.newContext({ viewport: { width: 900, height: 640 } });

  async function openTab(context: BrowserContext): Promise<WatchedTab> {
    const tab = await watchTab(context);
    tabs.push(tab);
    await tab.page.goto(lab.webApp.url.href);
    return tab;
  }

  async function signIn({ page }: WatchedTab, user: string): Promise<void> {
    await page.click('#sign-in');
    await page.click(`button[value=${user}]`);
    await page.waitForSelector('body[data-state=signed-in] #orders tr');
  }

  const picture = (page: Page, name: string) => page.screenshot({ path: join(pictures, `${name}.png`) });

  /** Runs a command that must succeed. */
  async function crossfade(...argv: readonly string[]): Promise<void> {
    const lines: string[] = [];
    const write = (text: string) => lines.push(text);
    const exitCode = await run([...argv, '--config', lab.planPath], {
      stdout: { write },
      stderr: { write },
      env: {},
      cwd: dirname(lab.planPath),
      signal: new AbortController().signal,
    });
    expect(exitCode, lines.join('')).toBe(0);
  }

  const issuancePercents = () => lab.loginFlags.map((flags) => flags.snapshot().document.issuance.percent);
  const follow = (percent: number) =>
    vi.waitFor(() => expect(issuancePercents()).toEqual(lab.loginFlags.map(() => percent)), WAIT);

  /** Waits until every tab has shown orders that were requested from now on. */
  async function everyTabGoesOn(): Promise<void> {
    const before = tabs.map(({ updates }) => updates.length);
    await vi.waitFor(() => {
      for (const [index, { updates }] of tabs.entries())
        expect(updates.length).toBeGreaterThan((before[index] ?? 0) + 1);
    }, WAIT);
  }

  function expectNoErrors(): void {
    expect(tabs.flatMap(({ errors }) => errors).filter((error) => !SESSION_ENDED.test(error))).toEqual([]);
  }

  it('signs a user in, with one cookie that scripts cannot read, and out again in every tab', async () => {
    const context = await newBrowser();
    const first = await openTab(context);
    await first.page.waitForSelector('#welcome:visible');
    await picture(first.page, '1-signed-out');
    await first.page.click('#sign-in');
    await first.page.waitForSelector('button[value=grace]');
    await picture(first.page, '2-provider');
    await first.page.click('button[value=grace]');
    await first.page.waitForSelector('body[data-state=signed-in] #orders tr');
    await picture(first.page, '3-signed-in');

    const cookies = await context.cookies(lab.webApp.url.href);
    const session = cookies.find(({ name }) => name === 'crossfade-session');
    expect(session).toMatchObject({ httpOnly: true, sameSite: 'Lax', secure: false, path: '/' });
    expect(await first.page.evaluate('document.cookie')).toBe('');

    const second = await openTab(context);
    await second.page.waitForSelector('body[data-state=signed-in] #orders tr');
    await first.page.click('#sign-out button');
    await first.page.waitForURL(lab.webApp.url.href);
    await Promise.all([first, second].map(({ page }) => page.waitForSelector('#welcome:visible')));
    expect((await context.cookies(lab.webApp.url.href)).map(({ name }) => name)).not.toContain('crossfade-session');
    expectNoErrors();
  });

  it('gives a user who declines a page with a way on', async () => {
    const tab = await openTab(await newBrowser());
    await tab.page.click('#sign-in');
    await tab.page.click('button[name=decline]');
    await tab.page.waitForSelector('h1');
    await picture(tab.page, '4-declined');
    expect(await tab.page.title()).toBe('You are not signed in');
    await tab.page.click('main a');
    await tab.page.click('button[value=ada]');
    await tab.page.waitForSelector('body[data-state=signed-in]');
    expect(tab.errors).toEqual([expect.stringMatching(/^403 /), expect.stringContaining('403')]);
  });

  it('leads from the back button and from a reload of the callback to the application', async () => {
    const tab = await openTab(await newBrowser());
    const callbacks: string[] = [];
    tab.page.on('request', (request) => {
      if (new URL(request.url()).pathname === '/auth/callback') callbacks.push(request.url());
    });
    await signIn(tab, 'ada');
    await tab.page.goto(callbacks[0] ?? '');
    await tab.page.waitForSelector('body[data-state=signed-in] #orders tr');
    expect(tab.page.url()).toBe(lab.webApp.url.href);
    await tab.page.goBack();
    await tab.page.goForward();
    await tab.page.waitForSelector('body[data-state=signed-in] #orders tr');
    expectNoErrors();
  });

  it('lives through the whole migration without an error', async () => {
    const [adas, graces] = [await newBrowser(), await newBrowser()];
    const [ada, grace] = [await openTab(adas), await openTab(graces)];
    await Promise.all([signIn(ada, 'ada'), signIn(grace, 'grace')]);
    for (const context of [adas, adas, graces]) await openTab(context);
    await lab.orders.deploy('both', lab.balancer);
    await probeAll();
    await everyTabGoesOn();

    await lab.flagStore.setFeature('new-dashboard-beta', 'on');
    await ada.page.waitForSelector('#dashboard:visible');
    await picture(ada.page, '5-beta');
    expect(await grace.page.isVisible('#dashboard')).toBe(false);

    for (const percent of [25, 50, 100]) {
      await advanceTo(percent);
      await everyTabGoesOn();
    }
    await crossfade('rollback');
    await follow(0);
    await everyTabGoesOn();

    // From a fresh token on, which lives longer than the provider hangs.
    for (const tab of [ada, grace]) await signOutAndIn(tab, tab === ada ? 'ada' : 'grace');
    lab.identityProvider.hang();
    const recovered = new Promise<void>((resolve) => {
      setTimeout(() => {
        lab.identityProvider.recover();
        resolve();
      }, HANG_MS);
    });
    await everyTabGoesOn();
    await recovered;
    await everyTabGoesOn();

    await lab.flagStore.setFeature('new-dashboard-public', 'on');
    await grace.page.waitForSelector('#dashboard:visible');
    await picture(grace.page, '6-public');

    await advanceTo(100);
    await vi.waitFor(() => crossfade('gate'), DRAIN);
    await crossfade('close', '--yes', '--legacy', 'default-api');
    await vi.waitFor(() => {
      for (const { updates } of tabs) expect(updates.at(-1)).toBe('target');
    }, WAIT);
    await everyTabGoesOn();
    await picture(ada.page, '7-closed');
    expectNoErrors();
    // Others could not log in while the provider hung, but no valid token was refused.
    expect(lab.ledger.counts().rejected).toBe(0);
  });

  /** Each step needs every instance to have shown lately that it takes target tokens. */
  async function probeAll(): Promise<void> {
    for (const { dataUrl } of lab.sidecars)
      await vi.waitFor(async () => expect(await lab.probe.request(dataUrl, 'target')).toBe(200), WAIT);
  }

  /** On a busy machine what a probe shows may be too old by the time that `advance` looks at it. */
  async function advanceTo(percent: number): Promise<void> {
    await vi.waitFor(async () => {
      await probeAll();
      await crossfade('advance', '--to', String(percent), '--yes');
    }, WAIT);
    await follow(percent);
  }

  async function signOutAndIn(tab: WatchedTab, user: string): Promise<void> {
    await tab.page.click('#sign-out button');
    // A session that has ended just before is signed out by a page that says so, and leads back to the application.
    const goOn = tab.page.locator('main a');
    await tab.page.locator('#welcome:visible').or(goOn).waitFor();
    if (await goOn.isVisible()) await goOn.click();
    await tab.page.waitForSelector('#welcome:visible');
    await signIn(tab, user);
  }
});
