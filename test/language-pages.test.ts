import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

const pages = resolve(import.meta.dirname, '../docs/languages');
const apps = resolve(import.meta.dirname, 'real/languages/apps');

describe('the pages on other languages', () => {
  it.each([
    ['node.md', 'js', 'node/orders-api.js'],
    ['python.md', 'python', 'python/orders_api.py'],
    ['go.md', 'go', 'go/main.go'],
    ['java.md', 'java', 'spring/src/main/java/example/OrdersApi.java'],
    ['java.md', 'xml', 'spring/pom.xml'],
    ['java.md', 'properties', 'spring/src/main/resources/application.properties'],
  ])('show in %s the %s code that test/real/languages runs', (page, language, app) => {
    const code = readFileSync(resolve(apps, app), 'utf8');
    expect(readFileSync(resolve(pages, page), 'utf8')).toContain(`\`\`\`${language}\n${code}\`\`\``);
  });

  it('require in go.md what the Go app requires', () => {
    const [, direct = ''] = /require \(\n([^)]*)\)/.exec(readFileSync(resolve(apps, 'go/go.mod'), 'utf8')) ?? [];
    const required = direct
      .trim()
      .split('\n')
      .map((line) => line.trim());
    expect(required).toHaveLength(2);
    expect(readFileSync(resolve(pages, 'go.md'), 'utf8')).toContain(`\`\`\`text\n${required.join('\n')}\n\`\`\``);
  });
});
