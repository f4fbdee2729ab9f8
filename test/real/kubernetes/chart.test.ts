import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { execute, missing, missingPath } from '../fixture/real-part.ts';
import { chart, helmTemplate, normalized, renderChart } from './fixture/chart.ts';
import { podOf, theOnly } from './fixture/kubernetes-object.ts';
import { kubernetes, objectsIn, renderKustomization } from './fixture/render.ts';
import { PYTHON, validateStrictly } from './fixture/validate.ts';

const EXAMPLES = [
  ['orders-api', undefined, 'base'],
  ['orders-api', 'prometheus-operator', 'overlays/prometheus-operator'],
  ['orders-auth', 'envoy-gateway', 'overlays/envoy-gateway'],
  ['orders-auth', 'istio', 'overlays/istio'],
  ['orders-auth', 'traefik', 'overlays/traefik'],
] as const;

describe.skipIf(missing('helm') || missing('kubectl'))('the Helm chart', () => {
  it('has nothing that `helm lint` warns of', () => {
    const { code, output } = execute('helm', ['lint', '--strict', chart], chart);
    expect(code, output).toBe(0);
    expect(output).not.toContain('[WARNING]');
  });

  it.each(EXAMPLES)('renders for %s with %s what kustomize does: %s', (release, example, folder) => {
    expect(normalized(renderChart(release, example))).toEqual(normalized(renderKustomization(folder)));
  });

  it('renders the rules, and the service monitor, as the other kustomizations have them', () => {
    const all = [...renderKustomization('overlays/prometheus-operator'), ...renderKustomization('rules')];
    const rules = renderChart('orders-api', 'rules');
    expect(normalized(rules)).toEqual(expect.arrayContaining([...normalized(all)]));
    expect(rules).toHaveLength(all.length);
    const monitored = renderChart('orders-api', 'service-monitor');
    const expected = objectsIn(
      readFileSync(resolve(kubernetes, 'components/service-monitor/service-monitor.yaml'), 'utf8'),
    );
    expect(normalized(monitored)).toEqual(expect.arrayContaining([...normalized(expected)]));
    expect(podOf(monitored).metadata.annotations).not.toHaveProperty('prometheus.io/scrape');
  });

  it.skipIf(missingPath(PYTHON))('renders objects that are valid from 1.29 to the newest, also for 1.29', () => {
    const old = renderChart('orders-api', undefined, '--kube-version', '1.29.0');
    expect(podOf(old).spec.containers[0]?.lifecycle?.preStop).toEqual({ exec: { command: ['sleep', '35'] } });
    const objects = EXAMPLES.flatMap(([release, example]) => renderChart(release, example));
    expect(validateStrictly([...objects, ...old]).problems).toEqual([]);
    expect(helmTemplate('orders-api', '--kube-version', '1.28.0').output).toContain('kubeVersion: >=1.29.0');
  });

  it('takes ports and the end of a pod from the plan', () => {
    const plan = readFileSync(resolve(chart, 'files/in-pod.crossfade.yaml'), 'utf8')
      .replace('drainDelay: 10s', 'drainDelay: 1m')
      .replace('0.0.0.0:9465', '0.0.0.0:9999')
      .replace('orders-2026', 'billing-2027');
    const objects = renderChart('billing', undefined, '--set-literal', `plan=${plan}`);
    const { spec } = podOf(objects);
    expect(spec.containers[0]?.lifecycle?.preStop?.sleep).toEqual({ seconds: 85 });
    expect(spec.terminationGracePeriodSeconds).toBe(110);
    expect(spec.initContainers?.[0]?.ports).toContainEqual({ name: 'metrics', containerPort: 9999 });
    // The plan still counts as `orders-api`.
    expect(theOnly(objects, 'Deployment').metadata.labels).toMatchObject({
      'crossfade-migration': 'billing-2027',
      'crossfade-service': 'orders-api',
    });
    expect(JSON.stringify(theOnly(objects, 'NetworkPolicy').spec)).toContain('9999');
  });

  it.each([
    [['--set', 'shape=inpod'], "at '/shape': value must be one of 'in-pod', 'shared'"],
    [['--set', 'sidcar.stateSize=1Mi'], "additional properties 'sidcar' not allowed"],
    [['--set', 'monitoring.scrap=none'], "at '/monitoring': additional properties 'scrap' not allowed"],
    [['--set', 'gateway.type=istio'], "at '/shape': value must be 'shared'"],
    [['--set-string', 'api.port=3000'], "at '/api/port': got string, want integer"],
    [['--set', 'sidecar.resources.limits.memory=384MB'], "at '/sidecar/resources/limits/memory'"],
    [['--set', 'podDisruptionBudget.maxUnavailable=0'], "at '/podDisruptionBudget/maxUnavailable'"],
    [['--set', 'api.port=8000'], 'sidecar.upstream is "http://127.0.0.1:3000", and api.port is 8000'],
    [['--set', 'api.image.tag='], 'api.image: expected a tag or a digest'],
    [['--set', 'autoscaling.minReplicas=20'], 'minReplicas is 20, more than maxReplicas, 10'],
    [['--set', 'plan=nonsense'], 'plan: expected the text of crossfade.yaml'],
    [['--set-file', 'plan=files/shared.crossfade.yaml'], 'sidecar.mode is forward-auth, and shape in-pod needs proxy'],
    [['--set', 'shape=shared,gateway.type=traefik,gateway.failOpen=true'], 'gateway.failOpen: Traefik has no way'],
  ])('refuses %j, and says why', (args, message) => {
    const { code, output } = helmTemplate('orders-api', ...args);
    expect(code).not.toBe(0);
    expect(output).toContain(message);
  });

  it("prints Istio's own configuration as the overlay has it", () => {
    const args = ['install', 'orders-auth', chart, '--namespace', 'orders', '--dry-run=client'];
    const { code, output } = execute('helm', [...args, '--values', 'examples/istio.yaml'], chart);
    expect(code, output).toBe(0);
    const notes = output.slice(output.lastIndexOf('\nmeshConfig:'), output.lastIndexOf('\nA rollback of the'));
    const overlay = readFileSync(resolve(kubernetes, 'overlays/istio/mesh-config.yaml'), 'utf8');
    expect(parse(notes)).toEqual(parse(overlay));
  });

  it('describes each value', () => {
    const schema = JSON.parse(readFileSync(resolve(chart, 'values.schema.json'), 'utf8')) as Schema;
    const values = parse(readFileSync(resolve(chart, 'values.yaml'), 'utf8')) as object;
    expect(Object.keys(schema.properties ?? {}).filter((name) => name !== 'global')).toEqual(Object.keys(values));
    expect(undescribed(schema)).toEqual([]);
  });
});

interface Schema {
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
}

function undescribed({ properties = {} }: Schema, path = ''): readonly string[] {
  return Object.entries(properties).flatMap(([name, schema]) => [
    ...(schema.description === undefined ? [`${path}${name}`] : []),
    ...undescribed(schema, `${path}${name}.`),
  ]);
}
