import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { REJECTION_REASONS } from '@crossfade/core';
import { CLIENT_METRICS, METRICS, type MetricDefinition } from '@crossfade/core/metrics';
import { parse } from 'yaml';
import { code, codes, pageHead, plain, table } from './markdown.ts';

const RULES = join(import.meta.dirname, '../../deploy/prometheus/crossfade.rules.yml');

const INTRO = `Every series that Crossfade exposes, and every series that its rules record. All have the labels \`migration\` and \`service\`, too. Label
sets are closed, and initialised to 0 where nothing else is said. No label contains an \`aud\`, a client id or a subject. Alerts are in
the [runbooks](../../runbooks/README.md).`;

const SIDECARS = `## Of sidecars and APIs

A sidecar shows these at \`/metrics\` ([what counts as seen](../../packages/sidecar/README.md#what-counts-as-seen)); an API that judges by
itself can [show the same](../../packages/validator/README.md#metrics-of-an-api-that-judges-by-itself).
`;
const CLIENTS = `## Of OAuth clients

\`@crossfade/client/prometheus\` counts these in the application's own registry ([how](../../packages/client/README.md#metrics)).
`;
const RECORDED = `## Recorded by the rules

\`deploy/prometheus/crossfade.rules.yml\` records these ([for one server or many](../prometheus-at-scale.md)). \`crossfade gate\` asks
for \`crossfade:drained:bool\` and its checks. Level 1 looks at instances as they are now, level 2
remembers. What has no comment in that file is shown by its expression.
`;

/** The page of every metric. */
export function metricsPage(): string {
  const all: readonly MetricDefinition[] = Object.values(METRICS);
  const clients = new Set<string>(CLIENT_METRICS.map(({ name }) => name));
  return [
    pageHead('Metrics', 'the list of metrics in core and from the rules', INTRO),
    SIDECARS,
    metricTable(all.filter(({ name }) => !clients.has(name))),
    '',
    CLIENTS,
    metricTable(all.filter(({ name }) => clients.has(name))),
    '',
    RECORDED,
    table(['series', 'level', ''], recordedSeries()),
    '',
  ].join('\n');
}

function metricTable(metrics: readonly MetricDefinition[]): string {
  return table(
    ['metric', 'type', 'labels', ''],
    metrics.map(({ name, type, labels, help, note }) => [
      code(name),
      type,
      Object.entries(labels)
        .map(([label, values]) => `${code(label)}${valuesOf(values)}`)
        .join('; '),
      note === undefined ? plain(help) : `${plain(help)} ${note}`,
    ]),
  );
}

function valuesOf(values: readonly string[] | null): string {
  if (values === null) return '';
  if (values === REJECTION_REASONS) return ': a [reason](errors.md#why-a-token-was-rejected)';
  return `: ${codes(values)}`;
}

/** The recorded series in the order of the rules, each with the comment above it, else with its expression. */
function recordedSeries(): readonly (readonly string[])[] {
  const text = readFileSync(RULES, 'utf8');
  const { groups } = parse(text) as { readonly groups: readonly RuleGroup[] };
  const comments = commentsOfRecords(text);
  const rows = groups.flatMap(({ name: group, rules }) =>
    rules.flatMap(({ record, expr }): (readonly [string, string, string])[] => {
      if (record === undefined) return [];
      const comment = comments.get(record);
      const level = /^crossfade-level-(\d)/.exec(group)?.[1] ?? '';
      return [
        [code(record), level, comment === undefined ? code(expr.replaceAll(/\s+/g, ' ').trim()) : plain(comment)],
      ];
    }),
  );
  return [...new Map(rows.map((row) => [row[0], row])).values()];
}

interface RuleGroup {
  readonly name: string;
  readonly rules: readonly { readonly record?: string; readonly expr: string }[];
}

function commentsOfRecords(rules: string): ReadonlyMap<string, string> {
  const above = /((?:^ +#.*\n)+) +- record: (\S+)$/gm;
  return new Map(
    [...rules.matchAll(above)].map(([, comment = '', record = '']) => [
      record,
      comment
        .replaceAll(/^ +# ?/gm, '')
        .replaceAll(/\s+/g, ' ')
        .trim(),
    ]),
  );
}
