import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { readPage } from '../../src/admin/page.ts';

const page = readPage();

test.each(['style', 'script'])('the policy allows each %s by hash', (element) => {
  const sources = [...page.html.matchAll(new RegExp(`<${element}>(.*?)</${element}>`, 'gs'))].map(
    ([, source]) => source,
  );
  expect(sources).toHaveLength(2);
  const hashes = sources.map((source = '') => `'sha256-${createHash('sha256').update(source).digest('base64')}'`);
  expect(page.contentSecurityPolicy).toContain(`${element}-src ${hashes.join(' ')};`);
});

test('the scripts parse, and address only elements that exist', () => {
  const [, script = ''] = [...page.html.matchAll(/<script>(.*?)<\/script>/gs)].map(([, source]) => source);
  expect(() => new Function(script)).not.toThrow();
  const ids = [...script.matchAll(/(?:setText|setCount|elementOf|inputOf)\('([a-z-]+)'/g)].map(([, id]) => id);
  expect(ids.length).toBeGreaterThan(30);
  for (const id of ids) expect(page.html).toContain(`id="${id}"`);
  expect(script).not.toMatch(/innerHTML|outerHTML|insertAdjacent|\beval\b|document\.write/);
});

test('contains nothing inline that its policy would block, and loads nothing', () => {
  const markup = page.html.replaceAll(/<(script|style)>.*?<\/\1>/gs, '');
  expect(markup).not.toMatch(/ style="| on[a-z]+="|https?:|@import|url\(/);
  expect(page.contentSecurityPolicy).not.toContain('unsafe');
});

test('keeps the licence notice of the library that it contains', () => {
  expect(page.html).toContain('github.com/leeoniya/uPlot');
});
