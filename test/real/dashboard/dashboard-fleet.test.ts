import { writeFileSync } from 'node:fs';
import { createServer, type RequestListener } from 'node:http';
import { join } from 'node:path';
import { type Sidecar, startSidecar } from '@crossfade/sidecar';
import type { Page } from 'playwright-core';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Listening, listenOnLoopback } from '../../../packages/sidecar/test/fixture/listening.ts';
import { missing } from '../fixture/real-part.ts';
import { LEGACY, POLLING, TARGET, useDashboard } from './fixture/dashboard-bench.ts';
import { LOW_CONTRAST } from './fixture/low-contrast.ts';

/** Where a run leaves its screenshots; none without. */
const SCREENSHOTS = process.env['CROSSFADE_SCREENSHOTS'];
const PHONE = { width: 375, height: 812 };
const DESKTOP = { width: 1280, height: 800 };
const READ_TOKEN = 'read-token-of-this-test';

describe.skipIf(missing('chromium'))('the fleet on the dashboard in Chromium', () => {
  const bench = useDashboard();
  const siblings: Sidecar[] = [];
  const servers: Listening[] = [];

  /** Starts three more sidecars with the same flags. The second one is read at its admin port, the others at metrics ports. */
  beforeEach(async () => {
    bench.setFlags(flagsOf(50));
    const { sidecar: settings } = bench.plan;
    if (settings === undefined) throw new Error('the plan has a sidecar');
    const environment = { CROSSFADE_SIDECAR_READ_TOKEN: READ_TOKEN };
    for (let count = 0; count < 3; count += 1)
      siblings.push(
        await startSidecar({ ...bench.plan, sidecar: { ...settings, metrics: '127.0.0.1:0' } }, { environment }),
      );
  });
  afterEach(async () => {
    await Promise.all(siblings.splice(0).map((sidecar) => sidecar.close()));
    await Promise.all(servers.splice(0).map((server) => server.close()));
  });

  /** Restarts the sidecar of the page with this fleet in its plan. */
  async function openFleet(urls: readonly string[], viewport = DESKTOP) {
    const gate = { ...bench.plan.gate, sidecars: [bench.sidecar.adminUrl, ...urls] };
    await bench.restart({ gate }, { CROSSFADE_READ_TOKEN: READ_TOKEN });
    return bench.open({ viewport, colorScheme: 'dark' });
  }

  async function serve(respond: RequestListener): Promise<string> {
    const server = await listenOnLoopback(createServer(respond));
    servers.push(server);
    return server.url;
  }

  async function sendTo(sidecar: Pick<Sidecar, 'dataUrl'>, aud: string, count: number): Promise<void> {
    const headers = { authorization: `Bearer ${await bench.issuer.mint({ aud })}` };
    for (let sent = 0; sent < count; sent += 1) await (await fetch(sidecar.dataUrl, { headers })).arrayBuffer();
  }

  it('shows each instance of a healthy fleet, then the one whose API refuses target, and the one that died', async () => {
    const [second, third, fourth] = siblings as [Sidecar, Sidecar, Sidecar];
    const urls = [second.adminUrl, third.metricsUrl ?? '', fourth.metricsUrl ?? ''];
    const { page, errors } = await openFleet(urls);
    for (const sidecar of [bench.sidecar, second, third, fourth]) {
      await sendTo(sidecar, LEGACY, 4);
      await sendTo(sidecar, TARGET, 4);
    }
    await labelled(page, 'asked 4 of 4 instances, all with the same flags');
    expect(await page.getAttribute('#fleet-label', 'data-state')).toBe('good');
    await vi.waitFor(async () => expect(await textOf(page, urls[2])).toContain('migrate, 50 %50.0 % target'), POLLING);
    expect(await textOf(page, bench.sidecar.adminUrl)).toContain('this one');
    expect(await textOf(page, urls[0])).toContain('revision 7equal');
    expect(await rowOf(page, urls[0]).locator('a').getAttribute('href')).toBe(`${second.adminUrl}/`);
    expect(await rowOf(page, urls[1]).locator('a').count()).toBe(0);
    expect(await page.locator('#fleet [data-verdict=fail]').count()).toBe(0);
    expect(await page.evaluate(LOW_CONTRAST)).toEqual([]);
    await shoot(page, 'healthy-fleet-of-4');

    bench.statuses.push(401, 401, 401);
    await sendTo(third, TARGET, 3);
    await labelled(page, 'asked 4 of 4 instances: 1 refuses valid tokens');
    expect(await page.getAttribute('#fleet-label', 'data-state')).toBe('bad');
    const shown = /API accepts legacy only.*target3last/;
    await vi.waitFor(async () => expect(await textOf(page, urls[1])).toMatch(shown), POLLING);
    expect(await page.getAttribute('#fleet-runbook', 'href')).toBe('runbooks/rejections-rising');
    await shoot(page, 'one-refuses-target');

    await fourth.close();
    await labelled(page, 'asked 3 of 4 instances: 1 refuses valid tokens');
    expect(await textOf(page, urls[2])).toMatch(/cannot be reached \(ECONNREFUSED\).*migrate, 50 %.*ago$/);
    expect(await page.evaluate(LOW_CONTRAST)).toEqual([]);
    await shoot(page, 'one-dead');
    expect(errors).toEqual([]);
  });

  it('names the instance whose API takes legacy after a close, and ends the red once it refuses it', async () => {
    const [second] = siblings as [Sidecar];
    const { page } = await openFleet([second.adminUrl]);
    bench.setFlags(flagsOf(100, new Date().toISOString()));
    await vi.waitFor(async () => expect(await phaseOf(second)).toBe('contract'), POLLING);
    await vi.waitFor(async () => expect(await phaseOf(bench.sidecar)).toBe('contract'), POLLING);
    await sendTo(second, LEGACY, 2);
    bench.statuses.push(401);
    await sendTo(bench.sidecar, LEGACY, 1);
    await labelled(page, 'asked 2 of 2 instances: 1 takes legacy after the close');
    expect(await textOf(page, second.adminUrl)).toContain('contract, 100 %API accepts legacy; target unknown');
    expect(await page.getAttribute('#fleet-label', 'data-state')).toBe('bad');
    await shoot(page, 'api-takes-legacy-after-a-close');

    bench.statuses.push(401);
    await sendTo(second, LEGACY, 1);
    await labelled(page, 'asked 2 of 2 instances, all with the same flags');
    expect(await page.getAttribute('#fleet-label', 'data-state')).toBe('good');
  });

  it('stays whole with siblings that hang, fail, redirect, want another token, or are older', async () => {
    const [second, third] = siblings as [Sidecar, Sidecar];
    const old = await (await fetch(`${second.adminUrl}/status`)).json();
    const { disagreements, shown, process, ...older } = old as Record<string, unknown>;
    expect([disagreements, shown, process]).not.toContain(undefined);
    const urls = {
      hangs: await serve(() => {}),
      fails: await serve((_request, response) => response.writeHead(500).end()),
      redirects: await serve((_request, response) => response.writeHead(302, { location: second.adminUrl }).end()),
      floods: await serve((_request, response) => response.end('x'.repeat(300_000))),
      older: await serve((_request, response) => response.end(JSON.stringify(older))),
    };
    const { page, errors } = await openFleet([...Object.values(urls), `${third.metricsUrl}/elsewhere`]);
    await labelled(page, 'asked 2 of 7 instances, all with the same flags');
    expect(await textOf(page, urls.hangs)).toContain('did not respond within 2s');
    expect(await textOf(page, urls.fails)).toContain('responded with 500');
    expect(await textOf(page, urls.redirects)).toContain('responded with 302');
    expect(await textOf(page, urls.floods)).toContain('sent more than 262144 bytes');
    expect(await textOf(page, urls.older)).toMatch(/no traffic0unknownrevision 7/);
    expect(await page.textContent('#live-text')).toMatch(/^live/);
    expect(errors).toEqual([]);
    expect((await page.content()).includes(READ_TOKEN)).toBe(false);
  });

  it.each([
    ['light', DESKTOP],
    ['dark', DESKTOP],
    ['light', PHONE],
    ['dark', PHONE],
  ] as const)('fits the window with the fleet in %s at %o', async (colorScheme, viewport) => {
    const [second] = siblings as [Sidecar];
    const { page } = await openFleet([second.adminUrl], viewport);
    await page.emulateMedia({ colorScheme });
    await labelled(page, 'asked 2 of 2 instances, all with the same flags');
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(viewport.width);
    expect(await page.evaluate(LOW_CONTRAST)).toEqual([]);
    const screens = Number(await page.evaluate('document.documentElement.scrollHeight / innerHeight'));
    expect(screens, 'screens').toBeLessThan(5);
  });

  async function labelled(page: Page, text: string): Promise<void> {
    await vi.waitFor(async () => expect(await page.textContent('#fleet-label')).toBe(text), POLLING);
  }

  function rowOf(page: Page, url: string | undefined) {
    return page.locator(`#fleet [data-row="${new URL(url ?? '').host}"]`);
  }

  async function textOf(page: Page, url: string | undefined): Promise<string | null> {
    return rowOf(page, url).textContent();
  }

  async function phaseOf({ adminUrl }: Pick<Sidecar, 'adminUrl'>): Promise<unknown> {
    const status = (await (await fetch(`${adminUrl}/status`)).json()) as { readonly phase: unknown };
    return status.phase;
  }

  async function shoot(page: Page, name: string): Promise<void> {
    if (SCREENSHOTS === undefined) return;
    for (const viewport of [PHONE, DESKTOP]) {
      await page.setViewportSize(viewport);
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme });
        const path = join(SCREENSHOTS, `${name}-${viewport.width}-${colorScheme}`);
        await page.screenshot({ path: `${path}.png`, fullPage: true });
        if (viewport === DESKTOP) await page.screenshot({ path: `${path}-fold.png` });
        else writeFileSync(`${path}.txt`, String(await page.evaluate('document.documentElement.scrollHeight')));
      }
    }
  }
});

/** @param closedAt closes legacy. */
function flagsOf(percent: number, closedAt?: string): unknown {
  const since = closedAt ?? '2026-01-01T00:00:00Z';
  const issuance = { enabled: true, percent, revision: '7', since };
  if (closedAt === undefined) return { 'issue-target': issuance };
  return { 'issue-target': issuance, 'accept-legacy': { enabled: false, since: closedAt } };
}
