import { readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = resolve(import.meta.dirname, '../..');
const apps = readdirSync(resolve(import.meta.dirname, 'apps')).sort();
const code = (app: string) => readFileSync(resolve(import.meta.dirname, 'apps', app), 'utf8');
const page = (app: string) => readFileSync(resolve(root, `docs/recipes/${app.replace(/\.\w+$/, '.md')}`), 'utf8');

/** What a line of the migration names; the rest is there without it. */
const MIGRATION = /selector|acceptance|refusal|choice|device|\b(?:login)?side\b|\bparameters\b|remote\b|crossfade/i;

describe('the pages of the recipes', () => {
  it.each(apps)('show the code of %s that the test runs', (app) => {
    expect(page(app)).toContain(`\`\`\`${app.endsWith('.js') ? 'js' : 'ts'}\n${code(app)}\`\`\``);
  });

  it('show the code that ends the race', () => {
    const shown = readFileSync(resolve(root, 'docs/recipes/README.md'), 'utf8');
    expect(shown).toContain(`\`\`\`ts\n${readFileSync(resolve(import.meta.dirname, 'refresh-once.ts'), 'utf8')}\`\`\``);
  });

  it('count the lines that a user writes', () => {
    const rows = [
      ...readFileSync(resolve(root, 'docs/recipes/README.md'), 'utf8').matchAll(
        /^\| \[([\w-]+)\]\(\S+\) \|[^|]+\| (\d+) \| (\d+) \|$/gm,
      ),
    ].map(([, name, lines, migration]) => [name, Number(lines), Number(migration)]);
    const counted = apps.map((app) => {
      const lines = code(app)
        .split('\n')
        .filter((line) => line.trim() !== '' && !/^\s*(?:\/\/|\/?\*)/.test(line));
      return [app.replace(/\.\w+$/, ''), lines.length, lines.filter((line) => MIGRATION.test(line)).length];
    });
    expect(rows.sort()).toEqual(counted);
  });
});
