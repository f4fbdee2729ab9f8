import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { globSync } from 'tinyglobby';
import { beforeAll, describe, expect, it } from 'vitest';
import { execute, missing } from '../fixture/real-part.ts';
import { DRAIN_GROUPS, failuresOf, runPromtool } from './fixture/promtool.ts';
import { ALL_CASES } from './rule-cases/all-cases.ts';
import { promtoolTest } from './rule-cases/rule-case.ts';

const deploy = resolve(import.meta.dirname, '../../../deploy');
const prometheus = join(deploy, 'prometheus');

describe.skipIf(missing('promtool'))('the Prometheus rules', () => {
  it('pass promtool, as does the configuration that loads them', () => {
    for (const rules of globSync('*.rules.yml', { cwd: prometheus })) {
      expect(execute('promtool', ['check', 'rules', rules], prometheus), rules).toMatchObject({ code: 0 });
    }
    expect(execute('promtool', ['check', 'config', 'prometheus.yml'], prometheus)).toMatchObject({ code: 0 });
  });

  it('give the values that the file of tests expects that ships with them', () => {
    const { code, output } = execute(
      'promtool',
      ['test', 'rules', 'crossfade.rules.test.yml'],
      join(prometheus, 'test'),
    );
    expect(code, output).toBe(0);
  }, 600_000);

  describe.each([
    ['level 1 is evaluated first', DRAIN_GROUPS],
    ['level 2 is evaluated first', DRAIN_GROUPS.toReversed()],
  ])('when %s', (_, groups) => {
    let result: ReturnType<typeof runPromtool>;
    beforeAll(() => {
      result = runPromtool([promtoolTest('all', ALL_CASES)], { groups, every: '1m' });
    }, 600_000);

    it.each(ALL_CASES.map(({ name }) => name))('judge %s', (name) => {
      expect(failuresOf(result, name)).toEqual([]);
    });

    it('evaluate without an error', () => {
      expect(result.output).not.toContain('err:');
      if (result.code !== 0) expect(result.output).toContain('exp:');
    });
  });

  it('include the queries of the Grafana dashboard, which promtool parses', () => {
    const dashboard = JSON.parse(readFileSync(join(deploy, 'grafana/crossfade.json'), 'utf8')) as {
      panels: { targets?: { expr: string }[] }[];
    };
    const queries = dashboard.panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr));
    expect(queries.length).toBeGreaterThan(10);
    const rules = queries.map((expr, index) => ({
      record: `q${index}`,
      expr: expr.replaceAll('$__rate_interval', '1m'),
    }));
    const folder = mkdtempSync(join(tmpdir(), 'crossfade-grafana-'));
    try {
      writeFileSync(join(folder, 'queries.yml'), JSON.stringify({ groups: [{ name: 'dashboard', rules }] }));
      const { code, output } = execute('promtool', ['check', 'rules', 'queries.yml'], folder);
      expect(code, output).toBe(0);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});
