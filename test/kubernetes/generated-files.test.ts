import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { generatedFiles } from './generated-files.ts';
import type { RuleGroup, ServiceMonitor } from './prometheus-operator.ts';

const deploy = join(import.meta.dirname, '../../deploy');
const files = generatedFiles();

const groupsOf = (text: string) => (parse(text) as { readonly groups: readonly RuleGroup[] }).groups;
const groupsIn = (path: string) => groupsOf(files.get(path) ?? '');
const shipped = (name: string) => groupsOf(readFileSync(join(deploy, 'prometheus', name), 'utf8'));
const rules = shipped('crossfade.rules.yml');

describe('deploy/', () => {
  it.each([...files.keys()])('holds what `npm run generate` writes: %s', async (path) => {
    await expect(files.get(path)).toMatchFileSnapshot(join(deploy, path));
  });

  it('gives the Prometheus Operator each rule as it is, and what is expected', () => {
    const [all, expected] = objectsIn('kubernetes/rules/prometheus-rule.yaml') as { spec: { groups: RuleGroup[] } }[];
    expect(all?.spec.groups).toEqual(rules);
    expect(expected?.spec.groups).toEqual(shipped('crossfade.expected.rules.yml'));
  });

  it('has each group on one of two levels, in the order of the one file', () => {
    const one = groupsIn('prometheus/sharded/level-1.rules.yml');
    const two = groupsIn('prometheus/sharded/level-2.rules.yml');
    expect([...one, ...two]).toEqual(rules);
    expect(two.map(({ name }) => name)).toEqual(['crossfade-level-2', 'crossfade-level-2-traffic', 'crossfade-alerts']);
  });

  it('reads on level 2 what level 1 records, and no instance', () => {
    const raw = groupsIn('prometheus/sharded/level-2.rules.yml').flatMap(({ rules: ofGroup }) =>
      (ofGroup as { readonly expr: string }[]).flatMap(({ expr }) => expr.match(/\bcrossfade_[a-z_]+/g) ?? []),
    );
    expect(raw).toEqual([]);
  });

  it('keeps the label `service` of Crossfade where the operator has one, too', () => {
    const monitor = objectsIn('kubernetes/components/service-monitor/service-monitor.yaml')[1] as ServiceMonitor;
    expect(monitor.spec.endpoints).toEqual([expect.objectContaining({ honorLabels: true })]);
  });
});

function objectsIn(path: string): unknown[] {
  return parseAllDocuments(files.get(path) ?? '').map((document) => document.toJS() as unknown);
}
