import { mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { launchChromium } from '../fixture/chromium.ts';
import type { LoopbackServer } from '../fixture/loopback-server.ts';
import { execute, missing, missingPath } from '../fixture/real-part.ts';
import { type BuiltPage, readBuiltSite, root, serveSite, targetOf } from './built-site.ts';

const folder = mkdtempSync(join(tmpdir(), 'crossfade-site-'));
const pictures = join(tmpdir(), 'crossfade-site-pictures');
const TABS = 3;
/** Every page instead of one of each folder: `CROSSFADE_LONG=1`. */
const IS_LONG = process.env['CROSSFADE_LONG'] === '1';
const WIDE_AND_LIGHT = ['light', 1280] as const;
const NARROW_AND_DARK = ['dark', 390] as const;
/** For one page of each kind. */
const ALL_STATES = [WIDE_AND_LIGHT, ['light', 390], NARROW_AND_DARK, ['dark', 1280]] as const;

const isMissing = [missing('chromium'), missingPath(join(root, 'site/node_modules/vitepress'))].includes(true);

describe.skipIf(isMissing)('the documentation as a site', () => {
  let output: string;
  let pages: ReadonlyMap<string, BuiltPage>;
  let server: LoopbackServer;
  let browser: Browser;

  beforeAll(async () => {
    const built = execute(process.execPath, ['site/build.mjs', '--out', folder], root);
    expect(built).toMatchObject({ code: 0 });
    output = built.output;
    pages = readBuiltSite(folder);
    server = await serveSite(folder);
    browser = await launchChromium();
  }, 240_000);

  afterAll(async () => {
    await browser?.close();
    await server?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  it('is built within 45 seconds of CPU, on a machine that others use too, with a page for each Markdown file', () => {
    const [, count, seconds] = /(\d+) pages in .*, ([\d.]+) s of CPU/.exec(output) ?? [];
    expect(Number(count)).toBeGreaterThan(80);
    expect(pages.size).toBe(Number(count) + 1); // And 404.html.
    expect([...pages.keys()]).toEqual(expect.arrayContaining(ONE_OF_EACH_FOLDER));
    expect(Number(seconds)).toBeLessThan(45);
  });

  it('has no link and no anchor that leads nowhere', () => {
    const broken = [...pages.values()].flatMap(({ path, links }) =>
      [...new Set(links)].filter((href) => !leadsSomewhere(path, href)).map((href) => `${path} -> ${href}`),
    );
    expect(broken).toEqual([]);
  });

  function leadsSomewhere(from: string, href: string): boolean {
    const target = targetOf(from, href, '/');
    if (target === undefined) return true;
    const page = pages.get(target.path);
    if (page === undefined) return !target.path.endsWith('.html') && exists(target.path);
    return target.anchor === '' || page.anchors.has(target.anchor);
  }

  function exists(path: string): boolean {
    return statSync(join(folder, path), { throwIfNoEntry: false })?.isFile() === true;
  }

  it('leads from the sidebar to every page', () => {
    const reached = new Set(pages.get('index.html')?.sidebar.map((href) => targetOf('index.html', href, '/')?.path));
    expect([...pages.keys()].filter((path) => path !== '404.html' && !reached.has(path))).toEqual([]);
  });

  it('loads nothing from elsewhere', () => {
    const elsewhere = [...pages.values()].flatMap(({ path, resources }) =>
      resources.filter((url) => /^(?:[a-z]+:)?\/\//i.test(url)).map((url) => `${path}: ${url}`),
    );
    expect(elsewhere).toEqual([]);
  });

  it('opens a page of each folder without an error, light and dark, wide and narrow, without scrolling sideways', async () => {
    const found: string[] = [];
    const ofEachFolder = new Map([...pages.keys()].toSorted().map((path) => [dirname(path), path]));
    const chosen = IS_LONG ? pages.keys() : [...ofEachFolder.values(), ...PICTURED];
    const waiting = [...new Set(chosen)].filter((path) => path !== '404.html');
    expect(waiting.length).toBeGreaterThan(20);
    await Promise.all(
      Array.from({ length: TABS }, async () => {
        const tab = await openTab((what) => found.push(what));
        for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) found.push(...(await look(tab, path)));
        await tab.close();
      }),
    );
    expect(found).toEqual([]);
  }, 400_000);

  /** A tab that reports what goes wrong in it, and what it asks of others. */
  async function openTab(report: (what: string) => void): Promise<Page> {
    const tab = await browser.newPage({ viewport: { width: 1280, height: 900 } });
    tab.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') report(`${tab.url()}: ${message.text()}`);
    });
    tab.on('pageerror', (error) => report(`${tab.url()}: ${error.message}`));
    tab.on('request', (request) => {
      if (!/^(?:data:|blob:)/.test(request.url()) && !request.url().startsWith(server.url))
        report(`${tab.url()} asks ${request.url()}`);
    });
    tab.on('response', (response) => {
      if (response.status() >= 400) report(`${response.url()}: ${response.status()}`);
    });
    return tab;
  }

  async function look(tab: Page, path: string): Promise<readonly string[]> {
    const found: string[] = [];
    await tab.emulateMedia({ colorScheme: 'light' });
    await tab.setViewportSize({ width: 1280, height: 900 });
    await tab.goto(`${server.url}/${path}`, { waitUntil: 'load' });
    for (const [colorScheme, width] of PICTURED.includes(path) ? ALL_STATES : [WIDE_AND_LIGHT, NARROW_AND_DARK]) {
      await tab.emulateMedia({ colorScheme });
      await tab.setViewportSize({ width, height: 900 });
      await tab.waitForFunction(SETTLED, colorScheme === 'dark', { timeout: 30_000 });
      const wide = await tab.evaluate<number>('document.documentElement.scrollWidth');
      if (wide > width) found.push(`${path} is ${wide} wide in ${width}`);
      if (PICTURED.includes(path)) await picture(tab, `${path}-${width}-${colorScheme}`);
    }
    return found;
  }

  async function picture(tab: Page, name: string): Promise<void> {
    mkdirSync(pictures, { recursive: true });
    await tab.screenshot({ path: join(pictures, `${name.replaceAll('/', '-')}.png`) });
  }

  it('draws a diagram on each page of explanation that has one', async () => {
    const tab = await openTab((what) => expect.unreachable(what));
    await tab.goto(`${server.url}/docs/explanation/two-switches.html`);
    await tab.waitForSelector('.diagram svg');
    expect(await tab.locator('.diagram svg').count()).toBe(2);
    expect(await tab.locator('.diagram svg').last().textContent()).toContain('crossfade rollback');
    await tab.close();
  });

  it('finds a setting by the search', async () => {
    const tab = await openTab((what) => expect.unreachable(what));
    await tab.goto(`${server.url}/`);
    await tab.waitForFunction('document.querySelector("#app").__vue_app__ !== undefined');
    await tab.keyboard.press('Control+k');
    await tab.locator('.VPLocalSearchBox input').fill('gate.coverage');
    await tab.locator('.VPLocalSearchBox .result').first().click();
    await tab.waitForURL('**/docs/**');
    await tab.waitForSelector('main h1');
    expect(await tab.locator('main').textContent()).toContain('coverage');
    await tab.close();
  });
});

/** The page has the colours that the system asks for, and each diagram is a picture. */
const SETTLED = `(isDark) => document.documentElement.classList.contains('dark') === isDark &&
  document.querySelectorAll('pre.diagram').length === 0`;

const ONE_OF_EACH_FOLDER = [
  'docs/plan',
  'packages/sidecar/index',
  'packages/client/test/capabilities/capabilities',
  'runbooks/close',
  'deploy/index',
].map((path) => `${path}.html`);

/** One page of each kind. The run leaves pictures of them in the folder `crossfade-site-pictures` of the system's temporary one. */
const PICTURED = [
  'index.html',
  'docs/index.html',
  'docs/reference/plan.html',
  'docs/reference/cli.html',
  'docs/explanation/two-switches.html',
  'docs/explanation/the-gate.html',
  'runbooks/rollback.html',
];
