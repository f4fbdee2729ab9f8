import { readFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { DRAIN_CHECKS, parseDurationMs, REJECTION_REASONS, UNVERIFIED_REASONS } from '@crossfade/core';
import { METRICS, type MetricDefinition } from '@crossfade/core/metrics';
import { globSync } from 'tinyglobby';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';

const root = resolve(import.meta.dirname, '..');
const prometheus = join(root, 'deploy/prometheus');

interface Rule {
  readonly record?: string;
  readonly alert?: string;
  readonly expr: string;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}
interface Suite {
  readonly tests: readonly {
    readonly alert_rule_test?: readonly {
      readonly alertname: string;
      readonly eval_time: string;
      readonly exp_alerts?: readonly object[];
    }[];
  }[];
}
interface Panel {
  readonly title: string;
  readonly type: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly targets: readonly { readonly expr: string; readonly instant?: boolean }[];
}
interface Grafana {
  readonly panels: readonly Panel[];
  readonly templating: { readonly list: readonly { readonly query: string | { readonly query: string } }[] };
}

const rules = globSync('*.rules.yml', { cwd: prometheus }).flatMap((file) => rulesOf(join(prometheus, file)));
const { homepage } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { readonly homepage: string };
const alerts = rules.filter(({ alert }) => alert !== undefined);
const grafana = JSON.parse(readFileSync(join(root, 'deploy/grafana/crossfade.json'), 'utf8')) as Grafana;
const panels = grafana.panels.filter(({ type }) => type !== 'row');
const queries = [
  ...rules.map(({ record, alert, expr }) => ({ owner: record ?? alert ?? '', expr })),
  ...panels.flatMap(({ title, targets }) => targets.map(({ expr }) => ({ owner: title, expr }))),
  ...grafana.templating.list.map(({ query }) => ({
    owner: 'a variable of the Grafana dashboard',
    expr: typeof query === 'string' ? query : query.query,
  })),
];

describe('the alerts', () => {
  it('each have a runbook, and each runbook has its alert', () => {
    const runbooks = globSync('runbooks/alerts/*.md', { cwd: root }).map((path) => basename(path, '.md'));
    expect([...new Set(alerts.map(({ alert }) => alert))].sort()).toEqual(runbooks.sort());
    for (const { alert, annotations } of alerts) {
      expect(annotations, alert).toEqual({
        summary: expect.any(String),
        description: expect.any(String),
        runbook_url: `${homepage}/runbooks/alerts/${alert}.md`,
      });
    }
  });

  it('each have a severity that says who hears of them', () => {
    for (const { alert, labels } of alerts)
      expect(['critical', 'warning', 'info'], alert).toContain(labels?.['severity']);
  });

  it('each have a runbook that tells meaning, impact, diagnosis and mitigation, in this order', () => {
    for (const { alert } of alerts) {
      const text = readFileSync(join(root, `runbooks/alerts/${alert}.md`), 'utf8');
      const headings = [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading]) => heading);
      expect(headings).toEqual([alert, 'Meaning', 'Impact', 'Diagnosis', 'Mitigation']);
    }
  });

  it('each have a runbook that tells, after its meaning, when the alert fires and when it resolves', () => {
    for (const { alert } of alerts) {
      const text = readFileSync(join(root, `runbooks/alerts/${alert}.md`), 'utf8').replaceAll('\n', ' ');
      expect(/## Meaning .*? {2}(It fires .*?) ## Impact/.exec(text)?.[1], alert).toMatch(/ resolves /);
    }
  });

  it('each have cases in which they fire, resolve, and must not fire', () => {
    const suites = globSync('*alerts.test.yml', { cwd: join(prometheus, 'test') });
    const cases = suites.flatMap((suite) =>
      (parse(readFileSync(join(prometheus, 'test', suite), 'utf8')) as Suite).tests.flatMap(
        ({ alert_rule_test = [] }) => alert_rule_test,
      ),
    );
    for (const { alert } of alerts) {
      const own = cases.filter(({ alertname }) => alertname === alert);
      const fires = own.filter(({ exp_alerts }) => exp_alerts !== undefined).map(({ eval_time }) => minutes(eval_time));
      const silent = own
        .filter(({ exp_alerts }) => exp_alerts === undefined)
        .map(({ eval_time }) => minutes(eval_time));
      expect(Math.min(...silent), `${alert} before it fires`).toBeLessThan(Math.max(...fires));
      expect(Math.max(...silent), `${alert} after it resolved`).toBeGreaterThan(Math.min(...fires));
    }
  });

  it('tell the remedy for each reason of a disagreement, and whether its token is verified', () => {
    const text = readFileSync(join(root, 'runbooks/alerts/CrossfadeDisagreement.md'), 'utf8');
    const rows = [...text.matchAll(/^\| ((?:`[a-z_]+`(?:, )?)+) \| (yes|no) \|/gm)].flatMap(
      ([, names = '', verified]) =>
        [...names.matchAll(/`([a-z_]+)`/g)].map(([, reason]) => ({ reason, verified: verified === 'yes' })),
    );
    const unverified: readonly string[] = UNVERIFIED_REASONS;
    // A brownout is never one.
    const reasons = REJECTION_REASONS.filter((reason) => reason !== 'brownout');
    const expected = reasons.map((reason) => ({
      reason,
      verified: !unverified.includes(reason),
    }));
    expect(rows).toHaveLength(expected.length);
    expect(rows).toEqual(expect.arrayContaining(expected));
  });

  it('are the ones that alertmanager.yml names', () => {
    const text = readFileSync(join(prometheus, 'alertmanager.yml'), 'utf8');
    const named = [...text.matchAll(/Crossfade[A-Z][A-Za-z]+/g)].map(([name]) => name);
    expect(named.filter((name) => !alerts.some(({ alert }) => alert === name))).toEqual([]);
  });

  it('are repeated by routes that Alertmanager remembers for as long: 120 h, unless it is told otherwise', () => {
    const text = readFileSync(join(prometheus, 'alertmanager.yml'), 'utf8');
    const repeated = [...text.matchAll(/repeat_interval: (\w+)/g)].map(([, interval = '']) => minutes(interval));
    expect(repeated).toHaveLength(3);
    expect(Math.max(...repeated)).toBeLessThanOrEqual(120 * 60);
  });

  it('are each named in the table of runbooks', () => {
    const table = readFileSync(join(root, 'runbooks/README.md'), 'utf8');
    expect(alerts.map(({ alert }) => alert).filter((alert) => !table.includes(`(alerts/${alert}.md)`))).toEqual([]);
  });
});

describe('the queries in runbooks', () => {
  const pages = globSync('runbooks/**/*.md', { cwd: root });
  const asked = pages.flatMap((page) =>
    [...readFileSync(join(root, page), 'utf8').matchAll(/(?<!`)`([^`\n]+)`(?!`)/g)]
      .map(([, code = '']) => code)
      .filter((code) => /\bcrossfade[:_]|\bup\b/.test(code) && /[({]/.test(code))
      .map((expr) => ({ owner: page, expr })),
  );

  it('select only metrics, labels, label values and recorded series that there are', () => {
    const recorded = rules.map(({ record }) => record);
    const wrong = asked.flatMap(({ owner, expr }) => [
      ...selectorsOf(expr)
        .flatMap((selector) => problemOf(selector) ?? [])
        .map((problem) => `${owner}: ${problem}`),
      ...(expr.match(/\bcrossfade:[a-z0-9_:]+/g) ?? [])
        .filter((name) => !recorded.includes(name))
        .map((name) => `${owner}: no rule records ${name}`),
    ]);
    expect(asked.length).toBeGreaterThan(8);
    expect(wrong).toEqual([]);
  });

  it('do not guess the name of the scrape job, which is that of the monitor under the Prometheus Operator', () => {
    expect(asked.filter(({ expr }) => /\bjob *=/.test(expr))).toEqual([]);
  });
});

describe('the rules and the Grafana dashboard', () => {
  it('select only metrics, labels and label values that a sidecar exposes', () => {
    const wrong = queries.flatMap(({ owner, expr }) =>
      selectorsOf(expr).flatMap((selector) => {
        const problem = problemOf(selector);
        return problem === undefined ? [] : [`${owner}: ${problem}`];
      }),
    );
    expect(wrong).toEqual([]);
  });

  it.each([
    ['crossfade_rejection_total', 'crossfade_rejection_total is no metric'],
    ['crossfade_rejections_total{side="legacy"}', 'crossfade_rejections_total has no label side'],
    ['crossfade_rejections_total{reason="id_tokens"}', 'crossfade_rejections_total has no reason id_tokens'],
    ['crossfade_rejections_total{reason=~"id_token|closed"}', 'crossfade_rejections_total has no reason closed'],
  ])('could not select %s', (expr, problem) => {
    expect(selectorsOf(expr).map(problemOf)).toEqual([problem]);
  });

  it('use only recorded series that a rule records', () => {
    const recorded = rules.map(({ record }) => record);
    const used = queries.flatMap(({ expr }) => expr.match(/\bcrossfade:[a-z0-9_:]+/g) ?? []);
    expect([...new Set(used)].filter((name) => !recorded.includes(name))).toEqual([]);
  });

  it('have one rule for each check of the gate, and need all of them', () => {
    const checks = rules.filter(({ record }) => record === 'crossfade:drain_check:bool');
    expect(checks.map(({ labels }) => labels?.['check'])).toEqual(DRAIN_CHECKS);
    const drained = rules.find(({ record }) => record === 'crossfade:drained:bool');
    expect(drained?.expr).toContain(`== ${DRAIN_CHECKS.length})`);
  });
});

describe('the Grafana dashboard', () => {
  it('asks for the present where it shows a state: over a range, the dead look alive', () => {
    const states = panels.filter(({ type }) => type === 'stat' || type === 'table');
    const ranges = states.filter(({ targets }) => targets.some(({ instant }) => instant !== true));
    expect(ranges.map(({ title }) => title)).toEqual([]);
  });

  it('has panels that do not overlap', () => {
    const taken = new Map<string, string>();
    for (const { title, gridPos } of grafana.panels) {
      for (let x = gridPos.x; x < gridPos.x + gridPos.w; x += 1) {
        for (let y = gridPos.y; y < gridPos.y + gridPos.h; y += 1) {
          expect(taken.get(`${x},${y}`), title).toBeUndefined();
          taken.set(`${x},${y}`, title);
        }
      }
      expect(gridPos.x + gridPos.w).toBeLessThanOrEqual(24);
    }
  });
});

function minutes(duration: string): number {
  return (parseDurationMs(duration) ?? Number.NaN) / 60_000;
}

function rulesOf(path: string): Rule[] {
  const { groups } = parse(readFileSync(path, 'utf8')) as { readonly groups: readonly { readonly rules: Rule[] }[] };
  return groups.flatMap((group) => group.rules);
}

interface Selector {
  readonly metric: string;
  /** `label`, the operator and the value, as written. */
  readonly matchers: readonly (readonly [label: string, operator: string, value: string])[];
}

/** Returns the selectors of our raw metrics in a PromQL expression. */
function selectorsOf(expr: string): Selector[] {
  return [...expr.matchAll(/\b(crossfade_[a-z_]+)(?:\{([^}]*)\})?/g)]
    .filter(([, metric]) => metric !== 'crossfade_migration')
    .map(([, metric = '', inner = '']) => ({
      metric: metric.replace(/_bucket$/, ''),
      matchers: [...inner.matchAll(/(\w+)\s*(=~|!~|!=|=)\s*"([^"]*)"/g)].map(
        ([, label = '', operator = '', value = '']) => [label, operator, value] as const,
      ),
    }));
}

const CONSTANT_LABELS = ['migration', 'service', 'instance', 'job'];

/** Returns what is wrong with a selector, if anything. */
function problemOf({ metric, matchers }: Selector): string | undefined {
  const definition: MetricDefinition | undefined = Object.values(METRICS).find(({ name }) => name === metric);
  if (definition === undefined) return `${metric} is no metric`;
  for (const [label, operator, value] of matchers) {
    if (CONSTANT_LABELS.includes(label)) continue;
    const values = definition.labels[label];
    if (values === undefined) return `${metric} has no label ${label}`;
    if (values === null) continue;
    const named = operator.endsWith('~') ? value.split('|') : [value];
    const unknown = named.find((name) => !values.includes(name));
    if (unknown !== undefined) return `${metric} has no ${label} ${unknown}`;
  }
  return undefined;
}
