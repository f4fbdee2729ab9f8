import { execFileSync, spawn } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parsePlanText } from '@crossfade/core/plan-file';
import { createFileSource } from '@crossfade/flags/file';
import { describe, expect, it, vi } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { readPodManifest } from '../../rollout/pod-manifest.ts';
import { execute, missing } from '../fixture/real-part.ts';

const root = resolve(import.meta.dirname, '../../..');
const deploy = join(root, 'deploy');

describe.skipIf(missing('compose-spec'))('the compose file', () => {
  it('conforms to the Compose specification', () => {
    const { code, output } = execute('compose-spec', ['compose.yaml'], deploy);
    expect(code, output).toBe(0);
  });
});

interface ComposeService {
  readonly volumes?: readonly string[];
  readonly build?: { readonly context: string; readonly dockerfile: string };
  readonly ports?: readonly string[];
  readonly stop_grace_period?: string;
  readonly healthcheck?: { readonly test: readonly string[] };
}

describe('the services of the compose file', () => {
  const { services } = parse(readFileSync(join(deploy, 'compose.yaml'), 'utf8')) as {
    services: Record<'api' | 'sidecar' | 'prometheus' | 'grafana', ComposeService>;
  };
  const plan = parsePlanText(readFileSync(join(deploy, 'crossfade.yaml'), 'utf8'));
  const mounted = Object.values(services)
    .flatMap(({ volumes = [] }) => volumes.map((volume) => volume.split(':')[0] ?? ''))
    .filter((path) => path.startsWith('.'));

  it('are built from files that exist, and mount what exists', () => {
    expect(mounted.length).toBeGreaterThan(3);
    expect(mounted.filter((path) => !existsSync(resolve(deploy, path)))).toEqual([]);
    const { build } = services.sidecar;
    expect(existsSync(resolve(deploy, build?.context ?? '', build?.dockerfile ?? ''))).toBe(true);
  });

  it('mount folders, so that a file which is replaced arrives; only the plan, read at the start, is a file', () => {
    expect(mounted.filter((path) => !statSync(resolve(deploy, path)).isDirectory())).toEqual(['./crossfade.yaml']);
  });

  it('see what the CLI writes: it replaces the file in a folder that stays the same', async () => {
    const copy = mkdtempSync(join(tmpdir(), 'crossfade-compose-'));
    cpSync(deploy, copy, { recursive: true });
    const [folder, file] = [join(copy, 'flags'), join(copy, 'flags/flags.json')];
    writeFileSync(file, '{"issue-target":{"enabled":true,"percent":50,"revision":"7"}}');
    const before = { folder: statSync(folder).ino, file: statSync(file).ino };
    const inContainer = createFileSource({ path: file, intervalMs: 20 });
    try {
      await vi.waitFor(() => expect(inContainer.snapshot().document.issuance.percent).toBe(50));
      // The rollback is written at once; it would then wait for Prometheus, which does not run here.
      const cli = join(root, 'packages/cli/bin/crossfade.js');
      const args = [cli, 'rollback', '--config', join(copy, 'crossfade.yaml')];
      const operator = spawn(process.execPath, args, { stdio: 'ignore' });
      await vi.waitFor(() => expect(inContainer.snapshot().document.issuance.percent).toBe(0), { timeout: 20_000 });
      operator.kill('SIGKILL');
      expect(statSync(file).ino).not.toBe(before.file);
      expect(statSync(folder).ino).toBe(before.folder);
    } finally {
      inContainer.close();
      rmSync(copy, { recursive: true, force: true });
    }
  });

  it('have longer to stop than a drain takes, and a check of their health', () => {
    const { drainDelayMs = 0, drainTimeoutMs = 25_000 } = plan.sidecar ?? {};
    const graceMs = Number.parseInt(services.sidecar.stop_grace_period ?? '10', 10) * 1000;
    expect(graceMs).toBeGreaterThanOrEqual(drainDelayMs + drainTimeoutMs + 2_000 + 5_000);
    for (const name of ['sidecar', 'prometheus', 'grafana'] as const)
      expect(services[name].healthcheck?.test).toBeDefined();
  });

  it('publish the metrics port, which Prometheus scrapes, and not the admin port', () => {
    expect(plan.sidecar).toMatchObject({ admin: '127.0.0.1:9464', metrics: '0.0.0.0:9465' });
    expect(services.sidecar.ports).toEqual(['127.0.0.1:8080:8080', '127.0.0.1:9465:9465']);
    const { scrape_configs } = parse(readFileSync(join(deploy, 'prometheus/prometheus.yml'), 'utf8')) as {
      scrape_configs: { static_configs: { targets: string[] }[] }[];
    };
    expect(scrape_configs.flatMap((job) => job.static_configs.flatMap(({ targets }) => targets))).toEqual([
      'sidecar:9465',
    ]);
  });
});

interface Probe {
  readonly httpGet: { readonly port: unknown };
}

interface Container {
  readonly name: string;
  readonly restartPolicy?: string;
  readonly ports: readonly { readonly name?: string; readonly containerPort: number }[];
  readonly env?: readonly { readonly name: string; readonly value?: string }[];
  readonly volumeMounts?: readonly { readonly name: string; readonly mountPath: string }[];
  readonly securityContext: { readonly readOnlyRootFilesystem?: boolean };
  readonly startupProbe: Probe;
  readonly readinessProbe: Probe;
  readonly livenessProbe: Probe;
}

interface Pod {
  readonly metadata: { readonly annotations: Readonly<Record<string, string>> };
  readonly spec: {
    readonly initContainers: readonly [Container];
    readonly containers: readonly [Container];
    readonly volumes: readonly { readonly name: string; readonly emptyDir?: { readonly sizeLimit: string } }[];
  };
}

/** What the tests read of any resource. */
interface Resource {
  readonly kind: string;
  readonly data: Readonly<Record<string, string>>;
  readonly spec: {
    readonly template: Pod;
    readonly ports: readonly { readonly targetPort: unknown }[];
    readonly ingress: readonly { readonly from?: unknown; readonly ports: readonly { readonly port: number }[] }[];
    readonly podMetricsEndpoints: readonly { readonly port: string }[];
  };
}

function readResources(path: string): readonly Resource[] {
  return parseAllDocuments(readFileSync(join(deploy, path), 'utf8')).map((document) => document.toJS() as Resource);
}

describe('the Kubernetes manifest', () => {
  const resources = readResources('kubernetes/orders-api.yaml');
  const find = (kind: string) => {
    const resource = resources.find((one) => one.kind === kind);
    if (resource === undefined) throw new Error(`the manifest has no ${kind}`);
    return resource;
  };
  const settings = parsePlanText(find('ConfigMap').data['crossfade.yaml'] ?? '').sidecar;
  const pod = find('Deployment').spec.template;
  const [sidecar] = pod.spec.initContainers;
  const metrics = sidecar.ports.find(({ name }) => name === 'metrics')?.containerPort;

  it('mounts a plan that parses, and runs Crossfade as a native sidecar of the API', () => {
    expect(settings?.judge).toBe('observe');
    expect(sidecar).toMatchObject({ name: 'crossfade', restartPolicy: 'Always' });
  });

  it('keeps the admin port in the pod, and opens the metrics port to scraper and probes', () => {
    expect(settings).toMatchObject({ admin: '127.0.0.1:9464', metrics: `0.0.0.0:${metrics}` });
    const { startupProbe, readinessProbe, livenessProbe } = sidecar;
    for (const { httpGet } of [startupProbe, readinessProbe, livenessProbe]) expect(httpGet.port).toBe('metrics');
    expect(pod.metadata.annotations['prometheus.io/port']).toBe(String(metrics));
    const [monitor] = readResources('kubernetes/pod-monitor.yaml');
    expect(monitor?.spec.podMetricsEndpoints.map(({ port }) => port)).toEqual(['metrics']);
    const { ingress } = find('NetworkPolicy').spec;
    expect(ingress.map(({ from, ports }) => [from === undefined, ports.map(({ port }) => port)])).toEqual([
      [true, [8080]],
      [false, [metrics]],
    ]);
  });

  it('ends the sidecar before the API, and both within the grace period', () => {
    const { drainDelayMs, drainTimeoutMs, graceMs, apiPreStopMs, sidecarPreStop } = readPodManifest();
    // `JUDGEMENT_GRACE_MS` of serve-data-port.ts, and the time to exit.
    const [judgementsMs, exitMs] = [2_000, 2_000];
    expect(sidecarPreStop).toEqual(['/bin/sh', '-c', 'kill -TERM 1']);
    expect(apiPreStopMs).toBeGreaterThanOrEqual(drainDelayMs + drainTimeoutMs + judgementsMs + exitMs);
    // What is left is for the API, and for a sidecar that the kubelet restarted once more.
    expect(graceMs - apiPreStopMs).toBeGreaterThanOrEqual(drainDelayMs + 10_000);
    expect(drainDelayMs).toBeGreaterThanOrEqual(5_000);
  });

  it('keeps the last good flags on a volume that the sidecar may write', () => {
    const path = sidecar.env?.find(({ name }) => name === 'CROSSFADE_STATE_DIRECTORY')?.value;
    const mount = sidecar.volumeMounts?.find(({ mountPath }) => mountPath === path);
    expect(pod.spec.volumes.find(({ name }) => name === mount?.name)?.emptyDir?.sizeLimit).toMatch(/^\d+Mi$/);
    expect(sidecar.securityContext.readOnlyRootFilesystem).toBe(true);
  });

  it('gives the sidecar a role that reads one configuration and nothing else', () => {
    const policy = JSON.parse(readFileSync(join(deploy, 'kubernetes/appconfig-reader-policy.json'), 'utf8')) as {
      Statement: { Action: string[]; Resource: string }[];
    };
    expect(policy.Statement.flatMap(({ Action }) => Action)).toEqual([
      'appconfig:StartConfigurationSession',
      'appconfig:GetLatestConfiguration',
    ]);
    for (const { Resource } of policy.Statement)
      expect(Resource).toMatch(/:application\/\w+\/environment\/\w+\/configuration\/\w+$/);
  });

  it('sends clients to the port of the sidecar by its number', () => {
    expect(find('Service').spec.ports.map(({ targetPort }) => targetPort)).toEqual([8080]);
    expect(settings?.listen).toBe('0.0.0.0:8080');
  });

  describe.skipIf(missing('crossfade-endpoint-ports'))("given to Kubernetes' own endpoint code", () => {
    const portsOf = (service: Resource) => {
      const input = JSON.stringify({ Service: service, Pod: pod });
      return JSON.parse(execFileSync('crossfade-endpoint-ports', { input, encoding: 'utf8' })) as unknown;
    };

    it('has an endpoint with the port of the sidecar, from 1.29 to 1.37', () => {
      expect(portsOf(find('Service'))).toEqual({ '1.29': [8080], '1.32': [8080], '1.33': [8080], '1.37': [8080] });
    });

    it('would have none before 1.33 with the name of the port', () => {
      const service = find('Service');
      const ports = service.spec.ports.map((port) => ({ ...port, targetPort: 'http' }));
      expect(portsOf({ ...service, spec: { ...service.spec, ports } })).toEqual({
        '1.29': [],
        '1.32': [],
        '1.33': [8080],
        '1.37': [8080],
      });
    });
  });

  describe.skipIf(missing('kubectl-validate'))('given to kubectl-validate', () => {
    const manifest = join(deploy, 'kubernetes/orders-api.yaml');

    it('is valid for Kubernetes 1.29, the first with native sidecars, and for 1.30', () => {
      for (const version of ['1.29', '1.30']) {
        const { code, output } = execute('kubectl-validate', [manifest, '--version', version], root);
        expect(code, output).toBe(0);
      }
    });

    it('fails the validation with a misspelled key', () => {
      const folder = mkdtempSync(join(tmpdir(), 'crossfade-kubernetes-'));
      try {
        const broken = readFileSync(manifest, 'utf8').replace('restartPolicy: Always', 'restartPolcy: Always');
        writeFileSync(join(folder, 'broken.yaml'), broken);
        expect(execute('kubectl-validate', [folder, '--version', '1.29'], root).code).not.toBe(0);
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    });
  });
});

describe('the plan that the manifests mount', () => {
  it('parses', () => {
    expect(parsePlanText(readFileSync(join(deploy, 'crossfade.yaml'), 'utf8')).migration).toBe('orders-2026');
  });
});
