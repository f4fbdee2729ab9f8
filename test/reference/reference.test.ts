import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { VERBS } from '../../packages/cli/src/usage/verbs.ts';
import { cliPage } from './cli-page.ts';
import { errorsPage } from './errors-page.ts';
import { readHelp } from './help-text.ts';
import { metricsPage } from './metrics-page.ts';
import { planPage } from './plan-page.ts';

const PAGES = { 'plan.md': planPage, 'metrics.md': metricsPage, 'errors.md': errorsPage, 'cli.md': cliPage };

describe('docs/reference', () => {
  it.each(Object.entries(PAGES))('holds what `npm run generate` writes: %s', async (name, page) => {
    await expect(page()).toMatchFileSnapshot(join(import.meta.dirname, '../../docs/reference', name));
  });

  it('leaves no cell of a table empty that says what a thing is for', () => {
    const rows = Object.entries(PAGES).flatMap(([name, page]) =>
      page()
        .split('\n')
        .filter((line) => line.startsWith('| `') && line.endsWith('| |'))
        .map((line) => `${name}: ${line}`),
    );
    expect(rows).toEqual([]);
  });
});

describe('the help text of a verb', () => {
  it.each(VERBS.map((verb) => [verb.name, verb] as const))('has every part: %s', (_name, verb) => {
    const { usage, paragraphs, options, exitCodes, examples } = readHelp(verb.help);
    expect(usage).toMatch(new RegExp(`^crossfade ${verb.name}`));
    expect(paragraphs.length).toBeGreaterThan(0);
    expect(exitCodes).toMatch(/^0 /);
    expect(examples).toMatch(/crossfade/);
    expect(Object.keys(verb.options).filter((option) => !verb.help.includes(`--${option}`))).toEqual([]);
    const known = new Set([...Object.keys(verb.options), 'json', 'config', 'help', 'version']);
    const listed = options.flatMap(([option]) => option.match(/(?<=--)[a-z][a-z-]*/g) ?? []);
    expect(listed.filter((option) => !known.has(option))).toEqual([]);
  });
});
