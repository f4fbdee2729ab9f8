import { describe, expect, it, vi } from 'vitest';
import { missing } from '../fixture/real-part.ts';
import { LEGACY, POLLING, TARGET, useDashboard } from './fixture/dashboard-bench.ts';
import { LEGACY_PIXEL, pointsShown, ROW_OF_PIXELS } from './fixture/dashboard-chart.ts';
import { LOW_CONTRAST } from './fixture/low-contrast.ts';

/** An expression for the tooltips that do not fit into the window when shown. */
const TIPS_OUTSIDE = `[...document.querySelectorAll('.tip')]
  .filter((tip) => tip.getBoundingClientRect().left < 0 || tip.getBoundingClientRect().right > innerWidth)
  .map((tip) => tip.textContent)`;

describe.skipIf(missing('chromium'))('the dashboard in Chromium, for everyone', () => {
  const bench = useDashboard();

  it('is usable by keyboard alone', async () => {
    await bench.send({ aud: LEGACY }, 3);
    const { page } = await bench.open();
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
    const { page } = await bench.open();
    expect(await page.getByRole('heading', { level: 1 }).allTextContents()).toEqual(['orders-api']);
    for (const role of ['banner', 'main', 'contentinfo'] as const) expect(await page.getByRole(role).count()).toBe(1);
    for (const name of ['The numbers as data', 'Runbooks'])
      expect(await page.getByRole('navigation', { name }).count()).toBe(1);
    for (const name of [
      'The crossfade',
      'Fleet',
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
    await bench.send({ aud: LEGACY, clientId: 'w'.repeat(256) });
    await bench.send({ aud: ['w'.repeat(200)] });
    await bench.send({ aud: [TARGET, 'w'.repeat(200)] });
    const { page } = await bench.open();
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
    await bench.send({ aud: LEGACY }, 5);
    const { page } = await bench.open({ colorScheme });
    await pointsShown(page, 3, POLLING);
    const style = 'getComputedStyle(document.body)';
    expect(await page.evaluate(`[${style}.backgroundColor, ${style}.color]`)).toEqual([background, ink]);
    const isDrawn = async () => expect(await page.evaluate(ROW_OF_PIXELS)).toContain(LEGACY_PIXEL[colorScheme]);
    await vi.waitFor(isDrawn, POLLING);
  });

  it('keeps the two colours of the chart in forced-colors mode', async () => {
    await bench.send({ aud: LEGACY }, 5);
    const { page } = await bench.open({ colorScheme: 'dark', forcedColors: 'active' });
    await pointsShown(page, 3, POLLING);
    expect(await page.evaluate(`matchMedia('(forced-colors: active)').matches`)).toBe(true);
    const isDrawn = async () => expect(await page.evaluate(ROW_OF_PIXELS)).toContain(LEGACY_PIXEL.dark);
    await vi.waitFor(isDrawn, POLLING);
  });

  it.each(['dark', 'light'] as const)('meets the contrast of WCAG AA in %s', async (colorScheme) => {
    await bench.send({ aud: LEGACY }, 2);
    await bench.send({ aud: 'https://elsewhere.example.com' });
    await bench.request({ authorization: `Bearer ${await bench.issuer.forge({ aud: LEGACY })}` });
    await bench.request();
    const { page } = await bench.open({ colorScheme });
    await page.waitForSelector('#disagreements tr:nth-child(2)');
    await page.waitForSelector('#rejections tr');
    expect(await page.evaluate(LOW_CONTRAST)).toEqual([]);
  });
});
