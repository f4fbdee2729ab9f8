import { spawn } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parsePlanText } from '@crossfade/core/plan-file';
import { createFileSource } from '@crossfade/flags/file';
import { describe, expect, it, vi } from 'vitest';
import { parse } from 'yaml';
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
    services: Record<'api' | 'sidecar' | 'prometheus' | 'alertmanager' | 'grafana', ComposeService>;
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
    for (const name of ['sidecar', 'prometheus', 'alertmanager', 'grafana'] as const)
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

describe('the plan that the manifests mount', () => {
  it('parses', () => {
    expect(parsePlanText(readFileSync(join(deploy, 'crossfade.yaml'), 'utf8')).migration).toBe('orders-2026');
  });
});
