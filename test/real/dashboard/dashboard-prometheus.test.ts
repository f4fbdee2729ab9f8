import { type Sidecar, startSidecar } from '@crossfade/sidecar';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { type PrometheusProgram, startPrometheus } from '../fixture/prometheus-program.ts';
import { missing } from '../fixture/real-part.ts';
import { LEGACY, POLLING, TARGET, useDashboard } from './fixture/dashboard-bench.ts';
import { type LargeFleet, startLargeFleet } from './fixture/large-fleet.ts';

describe.skipIf(missing('chromium') || missing('prometheus'))(
  'the fleet of Prometheus on the dashboard in Chromium',
  () => {
    const bench = useDashboard();
    let sibling: Sidecar | undefined;
    let prometheus: PrometheusProgram | undefined;
    let large: LargeFleet | undefined;
    afterEach(async () => {
      await Promise.all([sibling?.close(), prometheus?.remove(), large?.close()]);
      [sibling, prometheus, large] = [undefined, undefined, undefined];
    });

    it('shows what a real Prometheus has of two sidecars, and that one of them died', async () => {
      bench.setFlags({ 'issue-target': { enabled: true, percent: 50, revision: '7', since: '2026-01-01T00:00:00Z' } });
      sibling = await startSidecar(bench.plan);
      const portOf = ({ adminUrl }: Sidecar) => ({ adminPort: Number(new URL(adminUrl).port) });
      prometheus = await startPrometheus(portOf(bench.sidecar), portOf(sibling));
      await bench.restart({ gate: { ...bench.plan.gate, prometheus: { url: prometheus.url, timeoutMs: 5000 } } });
      const { page, errors } = await bench.open();
      const labelled = (text: string) =>
        vi.waitFor(async () => expect(await page.textContent('#fleet-label')).toBe(text), POLLING);
      await labelled('Prometheus scrapes 2 of 2 instances, all with the same flags');
      const row = page.locator(`#fleet [data-row="${new URL(bench.sidecar.adminUrl).host}"]`);
      // A rate needs requests between two scrapes.
      await vi.waitFor(async () => {
        await bench.send({ aud: LEGACY });
        await bench.send({ aud: TARGET });
        expect(await row.textContent()).toMatch(/migrate, 50 %\d\d\.\d % target0/);
      }, POLLING);
      expect(await row.textContent()).toContain('revision 7equal');
      expect(await row.locator('a').getAttribute('href')).toBe(`${bench.sidecar.adminUrl}/`);

      await sibling.close();
      await labelled('Prometheus scrapes 1 of 2 instances, all with the same flags');
      const gone = page.locator(`#fleet [data-row="${new URL(sibling.adminUrl).host}"]`);
      expect(await gone.textContent()).toContain('is scraped no more');
      expect(errors).toEqual([]);
    });

    it('stays a page one can use with 1,000 instances, of hostile names', async () => {
      const names = Array.from({ length: 1000 }, (_, index) => `pod-${index}:9465`);
      const hostile = '"><img src=x onerror="window.hacked=1">:9464';
      names[900] = hostile;
      names[901] = `${'w'.repeat(500)}:9465`;
      names[902] = 'evil.example.com/:9464';
      const refusedAt = Date.now() / 1000;
      large = await startLargeFleet(
        names.map((name, index) => ({
          name,
          hash: name === hostile ? '<script>window.hacked=1</script>' : 'abc',
          ...(index === 17 && { refusedAt }),
        })),
      );
      await bench.restart({ gate: { ...bench.plan.gate, prometheus: { url: large.url, timeoutMs: 5000 } } });
      const { page, errors } = await bench.open({ viewport: { width: 375, height: 812 } });
      const text = 'Prometheus scrapes 1,000 of 1,000 instances: valid tokens got 401 lately, 1 with other flags';
      await vi.waitFor(async () => expect(await page.textContent('#fleet-label')).toBe(text), POLLING);
      expect(await page.textContent('#fleet-count')).toBe(
        '2 of 1,000 named, those that need attention first, as Prometheus has it',
      );
      expect(await page.locator('#fleet tr').count()).toBe(3);
      expect(await page.textContent('#fleet tr:first-child')).toMatch(/^all 1,000 that respond\d\d\.\d % target3last/);
      expect(await page.textContent('#fleet [data-row="pod-17:9465"]')).toMatch(/3last \d+ s ago/);
      expect(large.mostSeries()).toBeLessThanOrEqual(100);
      const row = page.locator('#fleet tr', { hasText: '<img' });
      expect(await row.textContent()).toMatch(/^"><img src=x.*differs<script>/);
      expect(await page.locator('#fleet :is(img, script, a)').count()).toBe(0);
      expect(await page.evaluate('window.hacked')).toBeUndefined();
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(375);
      expect(errors).toEqual([]);
    });
  },
);
