import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { isMap, isSeq, parse, parseDocument, stringify } from 'yaml';
import { metricsService, podMonitor, prometheusRule, type RuleGroup, serviceMonitor } from './prometheus-operator.ts';

const prometheus = resolve(import.meta.dirname, '../../deploy/prometheus');
const LEVEL_1 = /^crossfade-level-1(-|$)/;

const OPERATOR = `# For the Prometheus Operator. Add the labels that your Prometheus selects by, such as \`release\` of kube-prometheus-stack.
# \`npm run generate\` writes this file.
`;

/** Returns the files that `deploy/` holds and code writes, by their path in it. */
export function generatedFiles(): ReadonlyMap<string, string> {
  const rules = readFileSync(join(prometheus, 'crossfade.rules.yml'), 'utf8');
  const expected = readFileSync(join(prometheus, 'crossfade.expected.rules.yml'), 'utf8');
  return new Map([
    [
      'kubernetes/components/pod-monitor/pod-monitor.yaml',
      `${OPERATOR}# In place of the \`prometheus.io/*\` annotations, and of service-monitor.yaml: one of the three is enough.
${yaml(podMonitor('orders-api'))}`,
    ],
    [
      'kubernetes/components/pod-monitor-forward-auth/pod-monitor.yaml',
      `${OPERATOR}# In place of the \`prometheus.io/*\` annotations: one of the two is enough.
${yaml(podMonitor('orders-auth'))}`,
    ],
    [
      'kubernetes/components/service-monitor/service-monitor.yaml',
      `${OPERATOR}# Where only ServiceMonitors are allowed; else pod-monitor.yaml. \`honorLabels\`, because the operator gives each target a label
# \`service\` of its own, which would rename Crossfade's. \`targetPort\` is a number: a native sidecar's port has no name before 1.33.
${yaml(metricsService, serviceMonitor)}`,
    ],
    [
      'kubernetes/rules/prometheus-rule.yaml',
      `${OPERATOR}# The rules of ../../prometheus/crossfade.rules.yml and crossfade.expected.rules.yml, where the comments are. The second object
# reads kube-state-metrics: replace it where the number of instances comes from elsewhere.
${yaml(prometheusRule('crossfade', groupsOf(rules)), prometheusRule('crossfade-expected', groupsOf(expected)))}`,
    ],
    // A chart holds what it reads: Helm takes no file from outside of it.
    ['helm/crossfade/files/crossfade.rules.yml', `${COPY}${rules}`],
    ['helm/crossfade/files/crossfade.expected.rules.yml', `${COPY}${expected}`],
    ['helm/crossfade/files/in-pod.crossfade.yaml', examplePlan('base')],
    ['helm/crossfade/files/shared.crossfade.yaml', examplePlan('forward-auth')],
    ['prometheus/sharded/level-1.rules.yml', level(rules, (name) => LEVEL_1.test(name), LEVEL_1_HEAD)],
    ['prometheus/sharded/level-2.rules.yml', level(rules, (name) => !LEVEL_1.test(name), LEVEL_2_HEAD)],
  ]);
}

const LEVEL_1_HEAD = ` Level 1 of ../crossfade.rules.yml, for each of several Prometheus servers: shards, regions, replicas. Each needs
 external_labels: \`shard\` or \`cluster\` for other instances, any other label for the same ones once more. What it records travels to
 level 2; docs/prometheus-at-scale.md says how. \`npm run generate\` writes this file.`;
const LEVEL_2_HEAD = ` Level 2 of ../crossfade.rules.yml and the alerts, for the one ruler that sees what level 1 records everywhere, and
 crossfade:expected_instances:sum. \`npm run generate\` writes this file.`;

const COPY = '# `npm run generate` copies this file from ../../../prometheus.\n';

/** The plan of a kustomization, without its comment about kustomize. */
function examplePlan(folder: string): string {
  const plan = readFileSync(join(prometheus, '../kubernetes', folder, 'crossfade.yaml'), 'utf8');
  return `# \`npm run generate\` copies this example from ../../../kubernetes/${folder}.\n${plan.slice(plan.indexOf('version: 1'))}`;
}

function groupsOf(rules: string): readonly RuleGroup[] {
  return (parse(rules) as { readonly groups: readonly RuleGroup[] }).groups;
}

/** Leaves out the other groups of a file of rules; comments stay. */
function level(rules: string, isIn: (group: string) => boolean, head: string): string {
  const document = parseDocument(rules);
  const groups = document.get('groups');
  if (!isSeq(groups)) throw new TypeError('crossfade.rules.yml: expected a list of groups');
  groups.items = groups.items.filter((group) => isMap(group) && isIn(String(group.get('name'))));
  document.commentBefore = head;
  return document
    .toString({ lineWidth: 0 })
    .replace(/^groups:\n\s*\n/m, 'groups:\n')
    .replace(/^ +$/gm, '');
}

function yaml(...objects: readonly object[]): string {
  return objects.map((object) => stringify(object, { lineWidth: 0, aliasDuplicateObjects: false })).join('---\n');
}
