import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '@crossfade/cli';
import { describe, expect, it, vi } from 'vitest';
import { missing } from '../fixture/real-part.ts';
import { LEGACY, POLLING, TARGET, useDashboard } from './fixture/dashboard-bench.ts';
import { expectedOf, shownOn } from './fixture/dashboard-numbers.ts';

describe.skipIf(missing('chromium'))('the dashboard in Chromium', () => {
  const bench = useDashboard();

  it('shows the numbers of /status and updates them without a reload', async () => {
    const { page, requests, errors } = await bench.open();
    await bench.send({ aud: LEGACY, clientId: 'nightly-batch' }, 3);
    await bench.send({ aud: TARGET }, 2);
    await bench.send({ aud: [LEGACY, TARGET] });
    await bench.send({ aud: 'https://elsewhere.example.com' });
    await bench.request();
    await bench.request({ authorization: `Bearer ${await bench.issuer.forge({ aud: LEGACY })}` });
    await vi.waitFor(async () => expect(await shownOn(page)).toEqual(expectedOf(await bench.status())), POLLING);
    const first = await shownOn(page);
    expect(first).toMatchObject({ accepted: 6, rejected: 3, 'valid-unauthorized': 0, 'after-close': 3 });

    const row = await page.locator('#classes [data-row=legacy]').elementHandle();
    bench.statuses.push(401);
    await bench.send({ aud: TARGET });
    await vi.waitFor(async () => expect(await shownOn(page)).toMatchObject({ 'valid-unauthorized': 1 }), POLLING);
    expect(await page.getAttribute('#zero', 'data-state')).toBe('bad');
    expect(await shownOn(page)).toEqual(expectedOf(await bench.status()));
    expect(await page.textContent('#stragglers')).toContain('nightly-batch');
    // A row stays the same element from second to second, so that a selection in it survives.
    expect(await row?.isVisible()).toBe(true);

    // The API takes target tokens again: the later response decides.
    await bench.send({ aud: TARGET });
    bench.setFlags({ 'issue-target': { enabled: true, percent: 100, revision: '8' } });
    await page.waitForSelector('#phases [data-phase=drain][aria-current=step]');
    expect(await page.textContent('#issuance-label')).toBe('every login asks for target');
    const [eta, checks] = await Promise.all([page.textContent('#eta-label'), page.textContent('#checks')]);
    expect(eta).toMatch(/if no legacy token is seen again\.$|waiting alone is not enough\.$/);
    expect(checks).toContain('the last legacy token was seen');

    expect(requests.filter((url) => !url.startsWith(`${bench.sidecar.adminUrl}/`) && !url.startsWith('data:'))).toEqual(
      [],
    );
    expect(requests.filter((url) => url === `${bench.sidecar.adminUrl}/`)).toHaveLength(1);
    expect(errors).toEqual([]);
  });

  it('explains the drain in the words of crossfade gate', async () => {
    bench.setFlags({ 'issue-target': { enabled: true, percent: 100, revision: '8' } });
    await bench.send({ aud: LEGACY });
    await bench.send({ aud: 'https://elsewhere.example.com' }, 2);
    const { page } = await bench.open();
    await page.waitForSelector('#phases [data-phase=drain][aria-current=step]');
    await page.waitForSelector('#checks >> text=wrong_audience 2');
    const path = join(bench.folder, 'crossfade.json');
    const side = { issuer: bench.issuer.url, scope: 'openid', tokenLifetime: '1h', sessionLifetime: '0s' };
    const written = {
      ...{ version: 1, clients: [], migration: bench.plan.migration, clockTolerance: '5s' },
      ...{ legacy: { ...side, audience: LEGACY }, target: { ...side, audience: TARGET } },
      ...{
        flags: { source: 'file', path: bench.flagsPath },
        gate: { silence: '60s', coverage: 1, sidecars: [bench.sidecar.adminUrl] },
      },
    };
    writeFileSync(path, JSON.stringify(written));
    const lines: string[] = [];
    const output = { write: (text: string) => lines.push(text) };
    await run(['gate', '--config', path], {
      stdout: output,
      stderr: output,
      env: { NO_COLOR: '1' },
      cwd: bench.folder,
    });
    const gate = timeless(lines.join('').replaceAll(bench.sidecar.adminUrl, 'this sidecar'));
    const texts =
      "[...document.querySelectorAll('#checks li div')].map((item) => item.querySelector('b').textContent + ' ' + item.querySelector('span').textContent)";
    const checks = await page.evaluate<string[]>(texts);
    const named = checks.map((check) => check.replace('target traffic', 'target_traffic').replace(' ', ': '));
    expect(named).toHaveLength(9);
    for (const check of named) expect(gate).toContain(timeless(check));
    expect(gate).toContain(timeless((await page.textContent('#eta-label')) ?? '').slice(0, -1));
  });

  it('reports a lost connection with the time of its numbers, and a restart of the sidecar', async () => {
    await bench.send({ aud: LEGACY });
    const { page } = await bench.open();
    await page.waitForSelector('#accepted[value="1"]');
    await bench.sidecar.close();
    await page.waitForSelector('#live[data-state=bad]');
    expect(await page.textContent('#notice')).toMatch(
      /^Connection lost\. The numbers are as of \d\d:\d\d:\d\d; trying again\.$/,
    );
    expect(await page.getAttribute('#accepted', 'value')).toBe('1');

    await bench.restart();
    await page.waitForSelector('#live[data-state=good]');
    await page.waitForSelector('#accepted[value="0"]');
    expect(await page.textContent('#notice')).toMatch(
      /^The sidecar was restarted at .*: counts and history begin again there\.$/,
    );
    await bench.send({ aud: TARGET });
    await page.waitForSelector('#accepted[value="1"]');
  });
});

/** Lower-cases a text, and replaces its times and durations. */
function timeless(text: string): string {
  return text.toLowerCase().replaceAll(/\d{4}-\d\d-\d\dt[\d:]+z|(\d+(ms|[smhd])\b ?)+/g, '#');
}
