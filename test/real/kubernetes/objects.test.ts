import { execFileSync } from 'node:child_process';
import { parsePlanText } from '@crossfade/core/plan-file';
import { describe, expect, it } from 'vitest';
import { missing } from '../fixture/real-part.ts';
import {
  type Container,
  containersOf,
  type KubernetesObject,
  ofKind,
  podOf,
  theOnly,
} from './fixture/kubernetes-object.ts';
import { renderKustomization } from './fixture/render.ts';

interface Shape {
  readonly folder: string;
  readonly name: string;
}
const IN_POD = ['base', 'overlays/prometheus-operator'].map((folder) => ({ folder, name: 'orders-api' }));
const SHARED = ['envoy-gateway', 'istio', 'traefik'].map((name) => ({
  folder: `overlays/${name}`,
  name: 'orders-auth',
}));
const SHAPES: readonly Shape[] = [...IN_POD, ...SHARED];

const APP = 'app.kubernetes.io/name';

interface Selector {
  readonly matchLabels: Readonly<Record<string, string>>;
}
interface Autoscaler {
  readonly scaleTargetRef: { readonly apiVersion: string; readonly kind: string; readonly name: string };
  readonly minReplicas: number;
  readonly metrics: readonly { readonly containerResource: { readonly name: string; readonly container: string } }[];
}

function specOf<T>(objects: readonly KubernetesObject[], kind: string): T {
  return theOnly(objects, kind).spec as T;
}

/** The policy of the pod itself; an overlay has another one for the API. */
function policiesOf(objects: readonly KubernetesObject[], name: string): readonly KubernetesObject[] {
  return ofKind(objects, 'NetworkPolicy').filter(({ metadata }) => metadata.name === name);
}

describe.skipIf(missing('kubectl')).each(SHAPES)('the objects of $folder', ({ folder, name }) => {
  const objects = renderKustomization(folder);
  const pod = podOf(objects);
  const containers = containersOf(pod);
  const sidecar = containers.find((one) => one.name === 'crossfade') as Container;
  const text = Object.values(theOnly(objects, 'ConfigMap').data ?? {})[0] ?? '';
  const env = Object.fromEntries(
    (sidecar.env ?? []).flatMap((one) => (one.value === undefined ? [] : [[one.name, one.value]])),
  );
  const plan = parsePlanText(text, env);

  it('select the pods by labels that these have', () => {
    const selector = specOf<{ selector: Selector }>(objects, 'Deployment').selector.matchLabels;
    const others = [
      specOf<{ selector: Record<string, string> }>(objects, 'Service').selector,
      specOf<{ selector: Selector }>(objects, 'PodDisruptionBudget').selector.matchLabels,
      ...policiesOf(objects, name).map(({ spec }) => (spec as { podSelector: Selector }).podSelector.matchLabels),
      ...ofKind(objects, 'PodMonitor').map(({ spec }) => (spec as { selector: Selector }).selector.matchLabels),
    ];
    expect(selector).toEqual({ [APP]: name });
    for (const other of others) expect(other).toEqual(selector);
    expect(pod.metadata.labels).toMatchObject(selector);
  });

  it('count each pod that is ready as an expected meter of the migration and the service', () => {
    const { metadata } = theOnly(objects, 'Deployment');
    const { 'crossfade-migration': migration, 'crossfade-service': service = metadata.name } = metadata.labels ?? {};
    expect({ migration, service }).toEqual({ migration: plan.migration, service: plan.sidecar?.service });
  });

  it('scale the Deployment by a container of its own that requests CPU', () => {
    const { scaleTargetRef, minReplicas, metrics } = specOf<Autoscaler>(objects, 'HorizontalPodAutoscaler');
    const { apiVersion, kind, metadata } = theOnly(objects, 'Deployment');
    expect(scaleTargetRef).toEqual({ apiVersion, kind, name: metadata.name });
    // One pod, and a drain or a rollout of a node takes the whole API.
    expect(minReplicas).toBeGreaterThanOrEqual(2);
    for (const { containerResource } of metrics) {
      // Not of `initContainers`: the autoscaler reads the requests of `containers`.
      const measured = pod.spec.containers.find((one) => one.name === containerResource.container);
      expect(measured?.resources?.requests?.[containerResource.name]).toBeDefined();
    }
  });

  it('probe ports that exist, and that the plan opens', () => {
    for (const { ports = [], startupProbe, readinessProbe, livenessProbe } of containers)
      for (const probe of [startupProbe, readinessProbe, livenessProbe])
        if (probe) expect(ports.map((port) => port.name)).toContain(probe.httpGet.port);
    const portOf = (portName: string) => sidecar.ports?.find((port) => port.name === portName)?.containerPort;
    expect(plan.sidecar?.listen).toBe(`0.0.0.0:${portOf('http')}`);
    expect(plan.sidecar).toMatchObject({ admin: '127.0.0.1:9464', metrics: `0.0.0.0:${portOf('metrics')}` });
    expect(sidecar.startupProbe?.httpGet).toEqual({ path: '/healthz', port: 'metrics' });
    expect(sidecar.readinessProbe?.httpGet).toEqual({ path: '/readyz', port: 'metrics' });
  });

  it('mount what exists, and keep the last good flags on a volume that the sidecar may write', () => {
    const volumes = pod.spec.volumes.map((volume) => volume.name);
    for (const { volumeMounts = [] } of containers)
      for (const mount of volumeMounts) expect(volumes).toContain(mount.name);
    expect(pod.spec.volumes.flatMap(({ configMap }) => (configMap ? [configMap.name] : []))).toEqual([
      theOnly(objects, 'ConfigMap').metadata.name,
    ]);
    const state = sidecar.volumeMounts?.find(({ mountPath }) => mountPath === env['CROSSFADE_STATE_DIRECTORY']);
    expect(pod.spec.volumes.find((volume) => volume.name === state?.name)?.emptyDir?.sizeLimit).toMatch(/^\d+Mi$/);
    expect(sidecar.securityContext?.['readOnlyRootFilesystem']).toBe(true);
    expect(pod.spec.serviceAccountName).toBe(theOnly(objects, 'ServiceAccount').metadata.name);
  });

  it('send clients to the port of the sidecar by its number', () => {
    const { ports } = specOf<{ ports: { targetPort: unknown }[] }>(objects, 'Service');
    expect(ports.map(({ targetPort }) => targetPort)).toEqual([8080]);
  });

  it.skipIf(missing('crossfade-endpoint-ports'))("have an endpoint by Kubernetes' own code, from 1.29 to 1.37", () => {
    const service = theOnly(objects, 'Service');
    expect(endpointPorts(service, pod)).toEqual({ '1.29': [8080], '1.32': [8080], '1.33': [8080], '1.37': [8080] });
  });
});

describe.skipIf(missing('kubectl') || missing('crossfade-endpoint-ports'))('a native sidecar', () => {
  it('has no endpoint before 1.33 by the name of its port', () => {
    const objects = renderKustomization('base');
    const service = theOnly(objects, 'Service');
    const named = {
      ...service,
      spec: { ...(service.spec as object), ports: [{ name: 'http', port: 80, targetPort: 'http' }] },
    };
    expect(endpointPorts(named, podOf(objects))).toEqual({ '1.29': [], '1.32': [], '1.33': [8080], '1.37': [8080] });
  });
});

function endpointPorts(service: KubernetesObject, pod: unknown): unknown {
  const input = JSON.stringify({ Service: service, Pod: pod });
  return JSON.parse(execFileSync('crossfade-endpoint-ports', { input, encoding: 'utf8' }));
}
