import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { missing, missingPath } from '../fixture/real-part.ts';
import { type KubernetesObject, ofKind, podOf, theOnly } from './fixture/kubernetes-object.ts';
import { kubernetes, OVERLAYS, objectsIn, renderKustomization, SHAPES } from './fixture/render.ts';
import { CRDS, GATEWAY_CRDS, PYTHON, validateCustomResources, validateStrictly } from './fixture/validate.ts';

const FOLDERS = [...SHAPES, ...OVERLAYS.map((overlay) => `overlays/${overlay}`)];

/** What has custom resources, what it has, and what its operator must refuse. */
const BROKEN = [
  ['envoy-gateway', '"statusOnError":503', '"statusOnError":200'],
  ['envoy-gateway', '"removeOnMatch"', '"removeOnMach"'],
  ['istio', '"action":"CUSTOM"', '"action":"CUSTOMS"'],
  ['traefik', '"authResponseHeadersRegex"', '"authResponseHeaderRegex"'],
  ['prometheus-operator', '"podMetricsEndpoints"', '"podMetricEndpoints"'],
  ['service-monitor', '"honorLabels"', '"honourLabels"'],
  ['rules', '"alert":"CrossfadeMetersGone"', '"alarm":"CrossfadeMetersGone"'],
] as const;

describe.skipIf(missing('kubectl'))('the kustomizations', () => {
  const serviceMonitor = readFileSync(resolve(kubernetes, 'components/service-monitor/service-monitor.yaml'), 'utf8');
  const CUSTOM: Readonly<Record<string, readonly KubernetesObject[]>> = {
    rules: renderKustomization('rules'),
    'service-monitor': objectsIn(serviceMonitor),
    ...Object.fromEntries(OVERLAYS.map((overlay) => [overlay, renderKustomization(`overlays/${overlay}`)])),
  };

  describe.skipIf(missingPath(PYTHON))("given to the schemas of Kubernetes' releases", () => {
    it('are valid from 1.29 to the newest, without an unknown field', () => {
      const { versions, problems } = validateStrictly(FOLDERS.flatMap((folder) => renderKustomization(folder)));
      process.stdout.write(`validated for ${versions.join(', ')}\n`);
      expect(problems).toEqual([]);
      expect(versions.length).toBeGreaterThanOrEqual(9);
      expect(versions[0]).toMatch(/^1\.29\./);
    });

    it('fail the validation with a misspelled field, in every release', () => {
      const text = JSON.stringify(renderKustomization('base'));
      expect(text).toContain('"maxUnavailable":1');
      const { versions, problems } = validateStrictly(
        JSON.parse(text.replace('"maxUnavailable":1', '"maxUnavailible":1')) as readonly KubernetesObject[],
      );
      expect(problems).toHaveLength(versions.length);
      for (const problem of problems) expect(problem).toContain('maxUnavailible');
    });
  });

  describe.skipIf(missing('kubectl-validate') || missingPath(CRDS) || missingPath(GATEWAY_CRDS))(
    "given to their operators' definitions",
    () => {
      it('are what those take', () => {
        const names = Object.keys(CUSTOM);
        expect(validateCustomResources(CUSTOM)).toEqual(Object.fromEntries(names.map((name) => [name, []])));
      });

      it('fail the validation with a wrong value or an unknown field', () => {
        const broken = BROKEN.map(([name, right, wrong]) => {
          const text = JSON.stringify(CUSTOM[name]);
          expect(text).toContain(right);
          return [wrong.replaceAll(/\W+/g, ''), JSON.parse(text.replace(right, wrong)) as readonly KubernetesObject[]];
        });
        const verdicts = validateCustomResources(Object.fromEntries(broken) as Record<string, KubernetesObject[]>);
        expect(Object.keys(verdicts)).toHaveLength(BROKEN.length);
        for (const problems of Object.values(verdicts)) expect(problems).toHaveLength(1);
      });
    },
  );

  it('leave the number of replicas to the autoscaler', () => {
    for (const folder of ['base', 'forward-auth']) {
      const objects = renderKustomization(folder);
      expect(theOnly(objects, 'Deployment').spec).not.toHaveProperty('replicas');
      expect(ofKind(objects, 'HorizontalPodAutoscaler')).toHaveLength(1);
    }
  });

  it('name the ConfigMap after the text of the plan, so that a changed plan replaces the pods', () => {
    for (const folder of ['base', 'forward-auth']) {
      const objects = renderKustomization(folder);
      const { name } = theOnly(objects, 'ConfigMap').metadata;
      expect(name).toMatch(/-crossfade-[a-z0-9]{10}$/);
      expect(podOf(objects).spec.volumes.map(({ configMap }) => configMap?.name)).toContain(name);
    }
  });

  it('scrape each pod once: the monitor of the operator replaces the annotations', () => {
    expect(podOf(renderKustomization('base')).metadata.annotations).toMatchObject({ 'prometheus.io/scrape': 'true' });
    const monitored = podOf(renderKustomization('overlays/prometheus-operator')).metadata.annotations ?? {};
    expect(Object.keys(monitored).filter((key) => key.startsWith('prometheus.io/'))).toEqual([]);
  });
});
