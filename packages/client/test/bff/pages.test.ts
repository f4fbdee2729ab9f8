import { expect, test } from 'vitest';
import type { BffPage } from '../../src/bff/pages/page.ts';
import { createPageResponse } from '../../src/bff/pages/page-response.ts';

const KINDS = [
  'declined',
  'expired',
  'failed',
  'refused',
  'unavailable',
  'loop',
  'signed_out',
  'confirm_logout',
] as const;
const page = (change: Partial<BffPage> = {}): BffPage => ({
  kind: 'failed',
  status: 400,
  text: 'It failed.',
  action: { label: 'Go on', href: '/', method: 'GET' },
  code: 'state',
  ...change,
});

test.each(KINDS)('the page %s has a language, a title, one heading and one way on', async (kind) => {
  const text = await createPageResponse(undefined)(page({ kind })).text();
  expect(text).toMatch(/^<!doctype html><html lang="en">/);
  for (const part of [/<title>[^<]+<\/title>/g, /<h1>[^<]+<\/h1>/g, /<a |<button /g, /<main>/g]) {
    expect(text.match(part)).toHaveLength(1);
  }
});

test('everything that a page shows is escaped', async () => {
  const evil = `"><script>alert('&')</script>`;
  const shown = page({ text: evil, code: evil, action: { label: evil, href: `/${evil}`, method: 'GET' } });
  const text = await createPageResponse(undefined)(shown).text();
  expect(text).not.toContain('<script');
  expect(text.match(/&quot;&gt;&lt;script&gt;alert\(&#39;&amp;&#39;\)&lt;\/script&gt;/g)).toHaveLength(4);
});

test('a page loads nothing, is framed by no page, kept by no cache, and gives no URL away', () => {
  const { headers } = createPageResponse(undefined)(page());
  expect(headers.get('content-security-policy')).toMatch(
    /^default-src 'none'; style-src 'sha256-[\w+/]+='; form-action 'none'; frame-ancestors 'none'; base-uri 'none'$/,
  );
  expect(headers.get('cache-control')).toBe('no-store');
  expect(headers.get('referrer-policy')).toBe('no-referrer');
  expect(headers.get('x-content-type-options')).toBe('nosniff');
});

test('an application renders its own pages', async () => {
  const response = createPageResponse(({ kind, code }) => `<p>${kind} ${code}`)(page());
  expect([response.status, await response.text()]).toEqual([400, '<p>failed state']);
});
