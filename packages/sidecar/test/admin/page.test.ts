import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { PAGE } from '../../src/admin/page.ts';

test.each(['style', 'script'])('its policy allows its one %s by hash', (element) => {
  const [, source = ''] = new RegExp(`<${element}>(.*?)</${element}>`, 's').exec(PAGE.html) ?? [];
  const hash = createHash('sha256').update(source).digest('base64');
  expect(PAGE.contentSecurityPolicy).toContain(`${element}-src 'sha256-${hash}'`);
  expect(PAGE.html.split(`<${element}`)).toHaveLength(2);
});

test('its script parses, and puts text only where there is an element for it', () => {
  const [, script = ''] = /<script>(.*?)<\/script>/s.exec(PAGE.html) ?? [];
  expect(() => new Function(script)).not.toThrow();
  for (const [, id] of script.matchAll(/(?:put\(|getElementById\()'([a-z-]+)'/g))
    expect(PAGE.html).toContain(`id="${id}"`);
  expect(script).not.toMatch(/innerHTML|eval/);
});

test('has nothing inline that its policy would block', () => {
  expect(PAGE.html).not.toMatch(/ style="| on[a-z]+="/);
});
