import { describe, expect, it, vi } from 'vitest';
import { missing } from '../fixture/real-part.ts';
import { LEGACY, POLLING, TARGET, useDashboard } from './fixture/dashboard-bench.ts';

/** A client id that contains markup. */
const HOSTILE = '"><img src=x onerror="document.title=\'owned\'"><script>document.title="owned"</script>';

describe.skipIf(missing('chromium'))('the tables of the dashboard in Chromium', () => {
  const bench = useDashboard();

  it('shows markup in the names of unverified tokens as text, in the census', async () => {
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const claims = { iss: HOSTILE, aud: [HOSTILE, 'other'], client_id: HOSTILE };
    await bench.request({ authorization: `Bearer ${part({ alg: 'ES256' })}.${part(claims)}.AA` });
    const { page, errors } = await bench.open();
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
    await bench.send({ aud: LEGACY, clientId: HOSTILE });
    const { page, errors } = await bench.open();
    const cell = page.locator('#stragglers th.client');
    await cell.waitFor();
    expect(await cell.textContent()).toContain(HOSTILE);
    expect(await page.locator('#stragglers :is(img, script)').count()).toBe(0);
    expect(await page.title()).not.toContain('owned');
    expect(errors).toEqual([]);
  });

  it('shows what the API accepts and the plan refuses, by reason, with the remedy', async () => {
    await bench.send({ aud: 'https://elsewhere.example.com', clientId: 'nightly-batch' }, 3);
    await bench.request({ authorization: `Bearer ${await bench.issuer.forge({ aud: LEGACY })}` });
    const { page, errors } = await bench.open();
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
    await bench.send({ aud: 'https://elsewhere.example.com', clientId: 'nightly-batch' });
    await page.waitForSelector('#disagreements [data-row=wrong_audience] data[value="4"]');
    expect(await page.evaluate('document.activeElement.ariaLabel')).toBe('What to do about wrong_audience?');
    expect(await row.locator('.tip').isVisible()).toBe(false);
    expect(errors).toEqual([]);
  });

  it('shows the connections that a close leaves open, their clients, and whose headers were replaced', async () => {
    bench.setFlags({ 'issue-target': { enabled: true, percent: 100, revision: '8' } });
    const { page, errors } = await bench.open();
    const leaving = new AbortController();
    const authorization = `Bearer ${await bench.issuer.mint({ aud: LEGACY, clientId: 'watcher' })}`;
    const headers = { authorization, 'x-forwarded-proto': 'https' };
    await fetch(`${bench.sidecar.dataUrl}/events`, { headers, signal: leaving.signal });
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
    await bench.send({ aud: TARGET });
    const { page } = await bench.open();
    await page.waitForSelector('#accepted[value="1"]');
    expect(await page.locator('#no-disagreements').isVisible()).toBe(true);
    expect(await page.locator('#disagreements').isVisible()).toBe(false);
    expect(await page.locator('#foreign-section').isVisible()).toBe(false);
  });

  it('shows the audiences that tokens name besides ours, as text', async () => {
    await bench.send({ aud: [TARGET, HOSTILE] }, 2);
    const { page, errors } = await bench.open();
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
    const { page, errors } = await bench.open();
    await page.evaluate(attempt).catch((error: Error) => errors.push(error.message));
    await vi.waitFor(() => expect(errors.join()).toMatch(/Content Security Policy|Trusted/), POLLING);
    expect(await page.title()).not.toContain('owned');
    expect(await page.locator('#accepted').isVisible()).toBe(true);
  });
});
