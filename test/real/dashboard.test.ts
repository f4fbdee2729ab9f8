import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { run } from '@crossfade/cli';
import type { MigrationPlan } from '@crossfade/core';
import { type Sidecar, startSidecar } from '@crossfade/sidecar';
import { type Browser, type BrowserContextOptions, chromium } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Issuer, startIssuer } from '../../packages/sidecar/test/fixture/issuer.ts';
import { type Listening, listenOnLoopback } from '../../packages/sidecar/test/fixture/listening.ts';
import { LEGACY_PIXEL, pointsShown, ROW_OF_PIXELS } from './fixture/dashboard-chart.ts';
import { expectedOf, type Status, shownOn } from './fixture/dashboard-numbers.ts';
import { LOW_CONTRAST } from './fixture/low-contrast.ts';
import { execute, missing } from './fixture/real-part.ts';

const root = resolve(import.meta.dirname, '../..');
const LEGACY = 'default-api';
const TARGET = 'https://api.example.com/orders';
/** A client id that contains markup. */
const HOSTILE = '"><img src=x onerror="document.title=\'owned\'"><script>document.title="owned"</script>';

describe.skipIf(missing('chromium'))('the dashboard in Chromium', () => {
  const folder = mkdtempSync(join(tmpdir(), 'dashboard-'));
  const flags = join(folder, 'flags.json');
  let issuer: Issuer;
  let api: Listening;
  let browser: Browser;
  let sidecar: Sidecar;
  let plan: MigrationPlan;
  /** Statuses of the next responses of the API; 200 after these. */
  const statuses: number[] = [];

  beforeAll(async () => {
    issuer = await startIssuer();
    api = await listenOnLoopback(
      createServer((request, response) => {
        request.resume();
        if (request.url === '/events') response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders();
        else response.writeHead(statuses.shift() ?? 200).end('hello');
      }),
    );
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
    await Promise.all([issuer?.close(), api?.close()]);
    rmSync(folder, { recursive: true, force: true });
  });
  beforeEach(async () => {
    setFlags({ 'issue-target': { enabled: true, percent: 50, revision: '7' } });
    plan = planOf(issuer.url, api.url, flags);
    sidecar = await startSidecar(plan);
  });
  afterEach(async () => {
    await Promise.all(browser.contexts().map((context) => context.close()));
    await sidecar.close();
  });

  function setFlags(document: unknown): void {
    writeFileSync(flags, JSON.stringify(document));
  }

  async function send(claims: Parameters<Issuer['mint']>[0], count = 1): Promise<void> {
    const authorization = `Bearer ${await issuer.mint(claims)}`;
    for (let sent = 0; sent < count; sent += 1) await request({ authorization });
  }

  async function request(headers: Record<string, string> = {}): Promise<void> {
    await (await fetch(sidecar.dataUrl, { headers })).arrayBuffer();
  }

  /** Opens the page, and collects its requests, errors and console messages. */
  async function open(options: BrowserContextOptions = {}) {
    const page = await (await browser.newContext(options)).newPage();
    const requests: string[] = [];
    const errors: string[] = [];
    page.on('request', (sent) => requests.push(sent.url()));
    page.on('pageerror', (error) => errors.push(error.message));
    page.on('console', (message) => errors.push(message.text()));
    await page.goto(`${sidecar.adminUrl}/`);
    await page.waitForSelector('#live[data-state=good]');
    return { page, requests, errors };
  }

  async function readStatus(): Promise<Status> {
    return (await (await fetch(`${sidecar.adminUrl}/status`)).json()) as Status;
  }

  it('shows the numbers of /status and updates them without a reload', async () => {
    const { page, requests, errors } = await open();
    await send({ aud: LEGACY, clientId: 'nightly-batch' }, 3);
    await send({ aud: TARGET }, 2);
    await send({ aud: [LEGACY, TARGET] });
    await send({ aud: 'https://elsewhere.example.com' });
    await request();
    await request({ authorization: `Bearer ${await issuer.forge({ aud: LEGACY })}` });
    await vi.waitFor(async () => expect(await shownOn(page)).toEqual(expectedOf(await readStatus())), POLLING);
    const first = await shownOn(page);
    expect(first).toMatchObject({ accepted: 6, rejected: 3, 'valid-unauthorized': 0, 'after-close': 3 });

    const row = await page.locator('#classes [data-row=legacy]').elementHandle();
    statuses.push(401);
    await send({ aud: TARGET });
    await vi.waitFor(async () => expect(await shownOn(page)).toMatchObject({ 'valid-unauthorized': 1 }), POLLING);
    expect(await page.getAttribute('#zero', 'data-state')).toBe('bad');
    expect(await shownOn(page)).toEqual(expectedOf(await readStatus()));
    expect(await page.textContent('#stragglers')).toContain('nightly-batch');
    // A row stays the same element from second to second, so that a selection in it survives.
    expect(await row?.isVisible()).toBe(true);

    // The API takes target tokens again: the later response decides.
    await send({ aud: TARGET });
    setFlags({ 'issue-target': { enabled: true, percent: 100, revision: '8' } });
    await page.waitForSelector('#phases [data-phase=drain][aria-current=step]');
    expect(await page.textContent('#issuance-label')).toBe('every login asks for target');
    const [eta, checks] = await Promise.all([page.textContent('#eta-label'), page.textContent('#checks')]);
    expect(eta).toMatch(/if no legacy token is seen again\.$|waiting alone is not enough\.$/);
    expect(checks).toContain('the last legacy token was seen');

    expect(requests.filter((url) => !url.startsWith(`${sidecar.adminUrl}/`) && !url.startsWith('data:'))).toEqual([]);
    expect(requests.filter((url) => url === `${sidecar.adminUrl}/`)).toHaveLength(1);
    expect(errors).toEqual([]);
  });

  it('explains the drain in the words of crossfade gate', async () => {
    setFlags({ 'issue-target': { enabled: true, percent: 100, revision: '8' } });
    await send({ aud: LEGACY });
    await send({ aud: 'https://elsewhere.example.com' }, 2);
    const { page } = await open();
    await page.waitForSelector('#phases [data-phase=drain][aria-current=step]');
    await page.waitForSelector('#checks >> text=wrong_audience 2');
    const path = join(folder, 'crossfade.json');
    const side = { issuer: issuer.url, scope: 'openid', tokenLifetime: '1h', sessionLifetime: '0s' };
    const written = {
      ...{ version: 1, clients: [], migration: plan.migration, clockTolerance: '5s' },
      ...{ legacy: { ...side, audience: LEGACY }, target: { ...side, audience: TARGET } },
      ...{
        flags: { source: 'file', path: flags },
        gate: { silence: '60s', coverage: 1, sidecars: [sidecar.adminUrl] },
      },
    };
    writeFileSync(path, JSON.stringify(written));
    const lines: string[] = [];
    const output = { write: (text: string) => lines.push(text) };
    await run(['gate', '--config', path], { stdout: output, stderr: output, env: { NO_COLOR: '1' }, cwd: folder });
    const gate = timeless(lines.join('').replaceAll(sidecar.adminUrl, 'this sidecar'));
    const checks = await page.locator('#checks li').allTextContents();
    const named = checks.map((check) => check.replace('target traffic', 'target_traffic').replace(' ', ': '));
    expect(named).toHaveLength(9);
    for (const check of named) expect(gate).toContain(timeless(check));
    expect(gate).toContain(timeless((await page.textContent('#eta-label')) ?? '').slice(0, -1));
  });

  it('reports a lost connection with the time of its numbers, and a restart of the sidecar', async () => {
    await send({ aud: LEGACY });
    const { page } = await open();
    await page.waitForSelector('#accepted[value="1"]');
    const { host: admin } = new URL(sidecar.adminUrl);
    await sidecar.close();
    await page.waitForSelector('#live[data-state=bad]');
    expect(await page.textContent('#notice')).toMatch(
      /^Connection lost\. The numbers are as of \d\d:\d\d:\d\d; trying again\.$/,
    );
    expect(await page.getAttribute('#accepted', 'value')).toBe('1');

    const settings = plan.sidecar;
    if (settings === undefined) throw new Error('the plan has a sidecar');
    sidecar = await startSidecar({ ...plan, sidecar: { ...settings, admin } });
    await page.waitForSelector('#live[data-state=good]');
    await page.waitForSelector('#accepted[value="0"]');
    expect(await page.textContent('#notice')).toMatch(
      /^The sidecar was restarted at .*: counts and history begin again there\.$/,
    );
    await send({ aud: TARGET });
    await page.waitForSelector('#accepted[value="1"]');
  });

  it('shows markup in the names of unverified tokens as text, in the census', async () => {
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const claims = { iss: HOSTILE, aud: [HOSTILE, 'other'], client_id: HOSTILE };
    await request({ authorization: `Bearer ${part({ alg: 'ES256' })}.${part(claims)}.AA` });
    const { page, errors } = await open();
    await page.waitForSelector('#census tr');
    const head = page.locator('#census th').first();
    expect(await head.textContent()).toContain(HOSTILE);
    const names = ['unmarked', `audience ${HOSTILE}, other`, `client ${HOSTILE}`];
    expect(await head.locator('.why').allTextContents()).toEqual(names);
    expect(await page.locator('#census img, #census script').count()).toBe(0);
    expect(await page.title()).not.toContain('owned');
    expect(errors).toEqual([]);
  });

  it('shows a hostile client id as text', async () => {
    await send({ aud: LEGACY, clientId: HOSTILE });
    const { page, errors } = await open();
    const cell = page.locator('#stragglers th.client');
    await cell.waitFor();
    expect(await cell.textContent()).toContain(HOSTILE);
    expect(await page.locator('#stragglers :is(img, script)').count()).toBe(0);
    expect(await page.title()).not.toContain('owned');
    expect(errors).toEqual([]);
  });

  it('shows what the API accepts and the plan refuses, by reason, with the remedy', async () => {
    await send({ aud: 'https://elsewhere.example.com', clientId: 'nightly-batch' }, 3);
    await request({ authorization: `Bearer ${await issuer.forge({ aud: LEGACY })}` });
    const { page, errors } = await open();
    const row = page.locator('#disagreements [data-row=wrong_audience]');
    await row.waitFor();
    expect(await row.textContent()).toMatch(/wrong_audience.*for neither audience.*verified3$/);
    expect(await page.textContent('#disagreements [data-row=bad_signature]')).toMatch(/unverified1$/);
    expect(await page.textContent('#disagreements-last')).toMatch(/^verified: last .+; unverified: last .+$/);
    expect(await page.textContent('#stragglers [data-row=nightly-batch]')).toMatch(/refusedwrong_audience\s3/);

    const help = row.locator('.help');
    await help.focus();
    expect(await row.locator('.tip').isVisible()).toBe(true);
    expect(await row.locator('.tip').textContent()).toContain('list it in the audience of the side');
    await page.keyboard.press('Escape');
    expect(await row.locator('.tip').isVisible()).toBe(false);
    // An update leaves the focus and the closed tooltip as they are.
    await send({ aud: 'https://elsewhere.example.com', clientId: 'nightly-batch' });
    await page.waitForSelector('#disagreements [data-row=wrong_audience] data[value="4"]');
    expect(await page.evaluate('document.activeElement.ariaLabel')).toBe('What to do about wrong_audience?');
    expect(await row.locator('.tip').isVisible()).toBe(false);
    expect(errors).toEqual([]);
  });

  it('shows the connections that a close leaves open, their clients, and whose headers were replaced', async () => {
    setFlags({ 'issue-target': { enabled: true, percent: 100, revision: '8' } });
    const { page, errors } = await open();
    const leaving = new AbortController();
    const authorization = `Bearer ${await issuer.mint({ aud: LEGACY, clientId: 'watcher' })}`;
    const headers = { authorization, 'x-forwarded-proto': 'https' };
    await fetch(`${sidecar.dataUrl}/events`, { headers, signal: leaving.signal });
    await page.waitForSelector('#streams >> text=1 legacy, 0 target, 0 bridge');
    await page.waitForSelector('#drain-notes >> text=1 connection opened with a legacy token is still open');
    expect(await page.textContent('#stragglers [data-row=watcher]')).toMatch(/1\sopen/);
    expect(await page.textContent('#proxies')).toContain('of 127.0.0.1 replaced');
    leaving.abort();
    await page.waitForSelector('#streams >> text=0 legacy, 0 target, 0 bridge');
    expect(await page.locator('#drain-notes').isVisible()).toBe(false);
    expect(errors).toEqual([]);
  });

  it('shows no disagreement where there is none', async () => {
    await send({ aud: TARGET });
    const { page } = await open();
    await page.waitForSelector('#accepted[value="1"]');
    expect(await page.locator('#no-disagreements').isVisible()).toBe(true);
    expect(await page.locator('#disagreements').isVisible()).toBe(false);
    expect(await page.locator('#foreign-section').isVisible()).toBe(false);
  });

  it('shows the audiences that tokens name besides ours, as text', async () => {
    await send({ aud: [TARGET, HOSTILE] }, 2);
    const { page, errors } = await open();
    const row = page.locator('#foreign-audiences tr');
    await row.waitFor();
    expect(await row.locator('th').textContent()).toBe(HOSTILE);
    expect(await row.locator('data').getAttribute('value')).toBe('2');
    expect(await page.locator('#foreign-audiences :is(img, script)').count()).toBe(0);
    expect(await page.title()).not.toContain('owned');
    expect(errors).toEqual([]);
  });

  it.each([
    ['an image', "Object.assign(document.body.appendChild(document.createElement('img')), { src: '/status' })"],
    ['a handler', `document.body.setAttribute('onclick', 'document.title = "owned"'); document.body.click()`],
    ['a style', "document.body.setAttribute('style', 'display: none')"],
    ['markup', `document.body.innerHTML = '<img src=x onerror="document.title=1">'`],
  ])('blocks injected content: %s', async (_what, attempt) => {
    const { page, errors } = await open();
    await page.evaluate(attempt).catch((error: Error) => errors.push(error.message));
    await vi.waitFor(() => expect(errors.join()).toMatch(/Content Security Policy|Trusted/), POLLING);
    expect(await page.title()).not.toContain('owned');
    expect(await page.locator('#accepted').isVisible()).toBe(true);
  });

  it('is usable by keyboard alone', async () => {
    await send({ aud: LEGACY }, 3);
    const { page } = await open();
    await page.waitForSelector('#accepted[value="3"]');
    await page.keyboard.press('Tab');
    expect(await page.evaluate('document.activeElement.textContent')).toBe('Skip to the numbers');
    const reached = new Set<string>();
    for (let press = 0; press < 40; press += 1) {
      await page.keyboard.press('Tab');
      reached.add(
        await page.evaluate<string>(
          'document.activeElement.id || document.activeElement.getAttribute("aria-label") || document.activeElement.textContent',
        ),
      );
    }
    for (const stop of ['scrubber', 'What is “Accepted”?', 'What changed, and when', 'status', 'metrics'])
      expect([...reached]).toContain(stop);

    await page.focus('#zero .help');
    expect(await page.locator('#zero .tip').isVisible()).toBe(true);
    await page.keyboard.press('Escape');
    expect(await page.locator('#zero .tip').isVisible()).toBe(false);

    await pointsShown(page, 2, POLLING);
    await page.focus('#scrubber');
    await page.keyboard.press('Home');
    await page.keyboard.press('ArrowRight');
    await vi.waitFor(
      async () => expect(await page.getAttribute('#scrubber', 'aria-valuetext')).toMatch(/^\d\d:\d\d:\d\d: legacy/),
      POLLING,
    );
    expect(await page.textContent('#moment')).toMatch(/^at \d\d:\d\d:\d\d: /);
    await page.keyboard.press('Escape');
    expect(await page.getAttribute('#scrubber', 'aria-valuetext')).toMatch(/^the last minute: legacy 100 %/);
  });

  it('has one first-level heading, landmarks, and a name for every control', async () => {
    const { page } = await open();
    expect(await page.getByRole('heading', { level: 1 }).allTextContents()).toEqual(['orders-api']);
    for (const role of ['banner', 'main', 'contentinfo', 'navigation'] as const)
      expect(await page.getByRole(role).count()).toBe(1);
    for (const name of [
      'The crossfade',
      'Drain',
      'Disagreements',
      'What arrived',
      'Rejections by reason',
      'Stragglers',
      'Health',
    ])
      expect(await page.getByRole('region', { name, exact: true }).count()).toBe(1);
    expect(await page.getByRole('button', { name: /^$/ }).count()).toBe(0);
    expect(await page.getByRole('slider', { name: 'Moment in the chart of legacy and target over time' }).count()).toBe(
      1,
    );
  });

  it('never scrolls sideways, even with the longest client id', async () => {
    await send({ aud: LEGACY, clientId: 'w'.repeat(256) });
    await send({ aud: ['w'.repeat(200)] });
    await send({ aud: [TARGET, 'w'.repeat(200)] });
    const { page } = await open();
    await page.waitForSelector('#stragglers tr');
    await page.waitForSelector('#disagreements tr');
    for (const width of [360, 768, 1280]) {
      await page.setViewportSize({ width, height: 780 });
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
      expect(await page.evaluate(TIPS_OUTSIDE), `tooltips at ${width} px`).toEqual([]);
    }
  });

  it.each([
    ['dark', 'rgb(12, 14, 19)', 'rgb(238, 241, 246)'],
    ['light', 'rgb(245, 244, 240)', 'rgb(22, 24, 29)'],
  ] as const)('is %s when the browser prefers it, the chart too', async (colorScheme, background, ink) => {
    await send({ aud: LEGACY }, 5);
    const { page } = await open({ colorScheme });
    await pointsShown(page, 3, POLLING);
    const style = 'getComputedStyle(document.body)';
    expect(await page.evaluate(`[${style}.backgroundColor, ${style}.color]`)).toEqual([background, ink]);
    const isDrawn = async () => expect(await page.evaluate(ROW_OF_PIXELS)).toContain(LEGACY_PIXEL[colorScheme]);
    await vi.waitFor(isDrawn, POLLING);
  });

  it('keeps the two colours of the chart in forced-colors mode', async () => {
    await send({ aud: LEGACY }, 5);
    const { page } = await open({ colorScheme: 'dark', forcedColors: 'active' });
    await pointsShown(page, 3, POLLING);
    expect(await page.evaluate(`matchMedia('(forced-colors: active)').matches`)).toBe(true);
    const isDrawn = async () => expect(await page.evaluate(ROW_OF_PIXELS)).toContain(LEGACY_PIXEL.dark);
    await vi.waitFor(isDrawn, POLLING);
  });

  it.each(['dark', 'light'] as const)('meets the contrast of WCAG AA in %s', async (colorScheme) => {
    await send({ aud: LEGACY }, 2);
    await send({ aud: 'https://elsewhere.example.com' });
    await request({ authorization: `Bearer ${await issuer.forge({ aud: LEGACY })}` });
    await request();
    const { page } = await open({ colorScheme });
    await page.waitForSelector('#disagreements tr:nth-child(2)');
    await page.waitForSelector('#rejections tr');
    expect(await page.evaluate(LOW_CONTRAST)).toEqual([]);
  });
});

const POLLING = { timeout: 30_000, interval: 100 };

/** An expression for the tooltips that do not fit into the window when shown. */
const TIPS_OUTSIDE = `[...document.querySelectorAll('.tip')]
  .filter((tip) => tip.getBoundingClientRect().left < 0 || tip.getBoundingClientRect().right > innerWidth)
  .map((tip) => tip.textContent)`;

/** Lower-cases a text, and replaces its times and durations. */
function timeless(text: string): string {
  return text.toLowerCase().replaceAll(/\d{4}-\d\d-\d\dt[\d:]+z|(\d+(ms|[smhd])\b ?)+/g, '#');
}

function planOf(issuer: string, upstream: string, flags: string): MigrationPlan {
  const side = { issuer, scope: '', tokenLifetimeMs: 3_600_000, sessionLifetimeMs: 0 };
  return {
    version: 1,
    migration: 'orders-2026',
    legacy: { ...side, audience: LEGACY },
    target: { ...side, audience: TARGET },
    clients: [],
    clockToleranceMs: 5_000,
    flags: { source: 'file', path: flags },
    steps: [100],
    gate: { silenceMs: 60_000, coverage: 1, blindMs: 300_000, soakMs: 0 },
    sidecar: {
      ...{ service: 'orders-api', mode: 'proxy', judge: 'observe', upstream },
      ...{ listen: '127.0.0.1:0', admin: '127.0.0.1:0' },
    },
  };
}
