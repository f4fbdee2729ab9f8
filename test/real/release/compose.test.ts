import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { type DeployedCopy, deployedCopy } from '../fixture/deployed-copy.ts';
import { loopbackPort } from '../fixture/loopback-port.ts';
import { type LoopbackServer, startLoopbackServer } from '../fixture/loopback-server.ts';
import { type Program, startProgram } from '../fixture/program.ts';
import { quickRules } from '../fixture/quick-rules.ts';
import { missing } from '../fixture/real-part.ts';

const root = resolve(import.meta.dirname, '../../..');
const run = promisify(execFile);

interface Service {
  readonly command: readonly string[];
  readonly volumes: readonly string[];
  readonly healthcheck: { readonly test: readonly string[] };
}
const { services } = parse(readFileSync(join(root, 'deploy/compose.yaml'), 'utf8')) as {
  services: Record<'sidecar' | 'prometheus' | 'alertmanager', Service>;
};
type Name = keyof typeof services;

/** The rules' durations are divided by it. */
const FACTOR = 60;

/** The compose file's services as programs of this machine: its commands, files and health checks; only addresses and times differ. */
describe.skipIf(['prometheus', 'prometheus-alertmanager', 'wget'].some(missing))('the services of compose', () => {
  const data = mkdtempSync(join(tmpdir(), 'crossfade-compose-data-'));
  const programs = new Map<Name, Program>();
  const notified: { readonly path: string; readonly alerts: readonly string[] }[] = [];
  let receiver: LoopbackServer;
  let copy: DeployedCopy;
  let ports: Record<'proxy' | 'admin' | 'metrics' | 'prometheus' | 'alertmanager', number>;

  beforeAll(async () => {
    receiver = await startLoopbackServer(async (request, response) => {
      const { alerts } = JSON.parse(await text(request)) as {
        alerts: { labels: { alertname: string } }[];
      };
      notified.push({ path: request.url ?? '', alerts: alerts.map(({ labels }) => labels.alertname) });
      response.end();
    });
    const [proxy, admin, metrics, prometheus, alertmanager] = await Promise.all(
      Array.from({ length: 5 }, () => loopbackPort()),
    );
    ports = { proxy, admin, metrics, prometheus, alertmanager } as typeof ports;
    copy = deployedCopy('prometheus', {
      'sidecar:9465': `127.0.0.1:${ports.metrics}`,
      'alertmanager:9093': `127.0.0.1:${ports.alertmanager}`,
      'http://127.0.0.1:9099/': `${receiver.url}/`,
      'scrape_interval: 15s': 'scrape_interval: 1s',
      'evaluation_interval: 30s': 'evaluation_interval: 1s',
      'group_wait: 10s': 'group_wait: 1s',
    });
    for (const file of readdirSync(copy.folder).filter((name) => name.endsWith('.rules.yml'))) {
      const path = join(copy.folder, file);
      writeFileSync(path, quickRules(readFileSync(path, 'utf8'), FACTOR));
    }

    const env = {
      CROSSFADE_SIDECAR_UPSTREAM: receiver.url,
      CROSSFADE_SIDECAR_LISTEN: `127.0.0.1:${ports.proxy}`,
      CROSSFADE_SIDECAR_ADMIN: `127.0.0.1:${ports.admin}`,
      CROSSFADE_SIDECAR_METRICS: `127.0.0.1:${ports.metrics}`,
    };
    const entry = join(root, 'packages/sidecar/bin/crossfade-sidecar.js');
    const plan = join(root, 'deploy/crossfade.yaml');
    const answers = (port: number, path: string) => async () => (await fetch(`http://127.0.0.1:${port}${path}`)).ok;
    const inContainer = (name: Name) =>
      services[name].command.map((argument) =>
        argument
          .replace(/\/etc\/(prometheus|alertmanager)\//, `${copy.folder}/`)
          .replace('=/alertmanager', `=${join(data, 'alertmanager')}`),
      );
    const address = (port: number) => `--web.listen-address=127.0.0.1:${port}`;
    const [alertmanagerProgram, sidecar, prometheusProgram] = await Promise.all([
      startProgram('prometheus-alertmanager', [...inContainer('alertmanager'), address(ports.alertmanager)], {
        cwd: data,
        ready: answers(ports.alertmanager, '/-/ready'),
      }),
      startProgram(process.execPath, [entry, '--config', plan], {
        cwd: root,
        env,
        ready: answers(ports.admin, '/healthz'),
      }),
      startProgram(
        'prometheus',
        [...inContainer('prometheus'), address(ports.prometheus), `--query.lookback-delta=${300 / FACTOR}s`],
        { cwd: data, ready: answers(ports.prometheus, '/-/ready') },
      ),
    ]);
    programs.set('alertmanager', alertmanagerProgram).set('sidecar', sidecar).set('prometheus', prometheusProgram);
  }, 120_000);

  afterAll(async () => {
    await Promise.all([...programs.values()].map((program) => program.stop('SIGKILL')));
    await receiver?.close();
    copy?.remove();
    rmSync(data, { recursive: true, force: true });
  });

  /** Runs the health check of a service with the port that it has here. */
  function check(name: Name): Promise<unknown> {
    const mapped: Readonly<Record<string, number>> = {
      '9465': ports.metrics,
      '9090': ports.prometheus,
      '9093': ports.alertmanager,
    };
    const [, program = '', ...args] = services[name].healthcheck.test;
    return run(
      program,
      args.map((argument) => argument.replace(/(?<=127\.0\.0\.1:)\d+/, (port) => `${mapped[port]}`)),
    );
  }

  async function ask<T>(port: number, path: string): Promise<T> {
    return (await (await fetch(`http://127.0.0.1:${port}${path}`)).json()) as T;
  }

  it.each(['sidecar', 'prometheus', 'alertmanager'] as const)('have a health check that passes: %s', async (name) => {
    await check(name);
  });

  it('find each other: the sidecar is scraped, every rule is evaluated, and Prometheus knows its Alertmanager', async () => {
    const health = () =>
      ask<{ data: { activeTargets: { health: string }[] } }>(ports.prometheus, '/api/v1/targets').then(
        ({ data: { activeTargets } }) => activeTargets.map((target) => target.health),
      );
    await expect.poll(health, { timeout: 15_000 }).toEqual(['up']);
    const rules = () =>
      ask<{ data: { groups: { rules: { name: string; health: string }[] }[] } }>(
        ports.prometheus,
        '/api/v1/rules',
      ).then(({ data: { groups } }) =>
        groups
          .flatMap((group) => group.rules)
          .filter((rule) => rule.health !== 'ok')
          .map((rule) => rule.name),
      );
    await expect.poll(rules, { timeout: 15_000 }).toEqual([]);
    const active = () =>
      ask<{ data: { activeAlertmanagers: { url: string }[] } }>(ports.prometheus, '/api/v1/alertmanagers').then(
        ({ data: { activeAlertmanagers } }) => activeAlertmanagers.map(({ url }) => new URL(url).port),
      );
    await expect.poll(active, { timeout: 15_000 }).toEqual([`${ports.alertmanager}`]);
  });

  it('bring a critical alert that Alertmanager is given to the receiver that pages', async () => {
    const labels = { alertname: 'CrossfadeMetersGone', migration: 'm', service: 's', severity: 'critical' };
    const response = await fetch(`http://127.0.0.1:${ports.alertmanager}/api/v2/alerts`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify([{ labels }]),
    });
    expect(response.status).toBe(200);
    const paged = () => notified.filter(({ path }) => path === '/page').flatMap(({ alerts }) => alerts);
    await expect.poll(paged, { timeout: 30_000 }).toContain('CrossfadeMetersGone');
  });

  it.each(['sidecar', 'prometheus', 'alertmanager'] as const)(
    'have a health check that fails without: %s',
    async (name) => {
      await programs.get(name)?.stop();
      await expect(check(name)).rejects.toThrow();
    },
  );
});
