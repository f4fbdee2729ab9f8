import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { globSync } from 'tinyglobby';
import { describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { execute, missing } from './fixture/real-part.ts';

const deploy = resolve(import.meta.dirname, '../../deploy');
const prometheus = join(deploy, 'prometheus');

interface Suite {
  readonly tests: readonly { readonly name: string }[];
}

describe.skipIf(missing('promtool'))('the Prometheus rules', () => {
  it('pass promtool, as does the configuration that loads them', () => {
    for (const rules of globSync('*.rules.yml', { cwd: prometheus })) {
      expect(execute('promtool', ['check', 'rules', rules], prometheus), rules).toMatchObject({ code: 0 });
    }
    expect(execute('promtool', ['check', 'config', 'prometheus.yml'], prometheus)).toMatchObject({ code: 0 });
  });

  it('give the values that their tests expect, false zeros included', () => {
    const { code, output } = execute(
      'promtool',
      ['test', 'rules', 'crossfade.rules.test.yml'],
      join(prometheus, 'test'),
    );
    expect(code, output).toBe(0);
  });

  it.each([
    {
      mutation: 'a counter that starts at 1 reads as 0',
      part: /\n\s+unless crossfade_requests_total\{audience="legacy",outcome="accepted"\} offset 5m\)/,
      replacement: ' * 0)',
      scenario: /^one legacy request/,
    },
    {
      mutation: 'missing meters do not matter',
      part: '(crossfade:coverage:ratio >= bool 0.99)',
      replacement: '(crossfade:coverage:ratio >= bool 0)',
      scenario: /^one unscraped instance/,
    },
    {
      mutation: 'a seeing meter makes up for a blind one',
      part: 'min by (migration) (crossfade_last_seen_timestamp_seconds',
      replacement: 'max by (migration) (crossfade_last_seen_timestamp_seconds',
      scenario: /may be blind/,
    },
    {
      mutation: 'tokens that could not be judged do not matter',
      part: 'crossfade:unjudged:increase5m == bool 0',
      replacement: 'crossfade:unjudged:increase5m >= bool 0',
      scenario: /could not be judged/,
    },
    {
      mutation: 'the newest legacy token does not matter',
      part: 'time() - crossfade:legacy_latest_issued:max >= bool scalar(crossfade:session_horizon:seconds)',
      replacement: 'time() - crossfade:legacy_latest_issued:max >= bool 0',
      scenario: /refresh tokens/,
    },
    {
      mutation: 'an intermediate rollback does not matter',
      part: '== bool 100',
      replacement: '>= bool 0',
      scenario: /went back in between/,
    },
    {
      mutation: 'the watch may be younger than the refresh horizon',
      part: 'time() - crossfade:watched_since:timestamp >= bool scalar(crossfade:session_horizon:seconds)',
      replacement: 'time() - crossfade:watched_since:timestamp >= bool 0',
      scenario: /^drained/,
    },
  ])('fail the scenario that covers it when $mutation', ({ part, replacement, scenario }) => {
    const rules = readFileSync(join(prometheus, 'crossfade.rules.yml'), 'utf8');
    const broken = rules.replace(part, replacement);
    expect(broken).not.toBe(rules);
    const suite = parse(readFileSync(join(prometheus, 'test/crossfade.rules.test.yml'), 'utf8')) as Suite;
    const tests = suite.tests.filter(({ name }) => scenario.test(name));
    expect(tests).toHaveLength(1);
    const folder = mkdtempSync(join(tmpdir(), 'crossfade-rules-'));
    try {
      cpSync(prometheus, folder, { recursive: true });
      writeFileSync(join(folder, 'crossfade.rules.yml'), broken);
      writeFileSync(join(folder, 'test/crossfade.rules.test.yml'), stringify({ ...suite, tests }));
      expect(execute('promtool', ['test', 'rules', 'crossfade.rules.test.yml'], join(folder, 'test')).code).not.toBe(0);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it('have a runbook for every alert, and an alert for every runbook', () => {
    const { groups } = parse(readFileSync(join(prometheus, 'crossfade.rules.yml'), 'utf8')) as {
      groups: { rules: { alert?: string; annotations?: { runbook: string } }[] }[];
    };
    const alerts = groups.flatMap(({ rules }) => rules).filter(({ alert }) => alert !== undefined);
    const runbooks = globSync('runbooks/alerts/*.md', { cwd: resolve(deploy, '..') }).map((path) =>
      basename(path, '.md'),
    );
    expect(alerts.map(({ alert }) => alert).sort()).toEqual(runbooks.sort());
    for (const { alert, annotations } of alerts) expect(annotations?.runbook).toBe(`runbooks/alerts/${alert}.md`);
  });

  it('include the queries of the Grafana dashboard, which promtool parses', () => {
    const dashboard = JSON.parse(readFileSync(join(deploy, 'grafana/crossfade.json'), 'utf8')) as {
      panels: { targets: { expr: string }[] }[];
    };
    const queries = dashboard.panels.flatMap(({ targets }) => targets.map(({ expr }) => expr));
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
