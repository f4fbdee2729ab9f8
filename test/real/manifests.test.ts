import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parsePlanText } from '@crossfade/core/plan-file';
import { describe, expect, it } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { execute, missing } from './fixture/real-part.ts';

const root = resolve(import.meta.dirname, '../..');
const deploy = join(root, 'deploy');

describe.skipIf(missing('compose-spec'))('the compose file', () => {
  it('conforms to the Compose specification', () => {
    const { code, output } = execute('compose-spec', ['compose.yaml'], deploy);
    expect(code, output).toBe(0);
  });

  it('mounts only files that exist, and builds from a Dockerfile that exists', () => {
    const { services } = parse(readFileSync(join(deploy, 'compose.yaml'), 'utf8')) as {
      services: Record<string, { volumes?: string[]; build?: { context: string; dockerfile: string } }>;
    };
    const mounted = Object.values(services).flatMap(({ volumes = [] }) =>
      volumes.map((volume) => volume.split(':')[0] ?? ''),
    );
    const files = mounted.filter((path) => path.startsWith('.'));
    expect(files.length).toBeGreaterThan(3);
    expect(files.filter((path) => !existsSync(resolve(deploy, path)))).toEqual([]);
    const build = services['sidecar']?.build;
    expect(existsSync(resolve(deploy, build?.context ?? '', build?.dockerfile ?? ''))).toBe(true);
  });
});

describe.skipIf(missing('kubectl-validate'))('the Kubernetes manifest', () => {
  const manifest = join(deploy, 'kubernetes/orders-api.yaml');

  it('is valid for Kubernetes 1.29, the first with native sidecars', () => {
    const { code, output } = execute('kubectl-validate', [manifest, '--version', '1.29'], root);
    expect(code, output).toBe(0);
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

  it('mounts a plan that parses, and runs Crossfade as a native sidecar of the API', () => {
    const [, config, deployment] = parseAllDocuments(readFileSync(manifest, 'utf8')).map((document) => document.toJS());
    expect(parsePlanText(config.data['crossfade.yaml']).sidecar?.judge).toBe('observe');
    expect(deployment.spec.template.spec.initContainers[0]).toMatchObject({
      name: 'crossfade',
      restartPolicy: 'Always',
    });
  });
});

describe('the plan that the manifests mount', () => {
  it('parses', () => {
    expect(parsePlanText(readFileSync(join(deploy, 'crossfade.yaml'), 'utf8')).migration).toBe('orders-2026');
  });
});
