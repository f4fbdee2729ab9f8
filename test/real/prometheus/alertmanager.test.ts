import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { loopbackPort } from '../fixture/loopback-port.ts';
import { type Program, startProgram } from '../fixture/program.ts';
import { execute, missing } from '../fixture/real-part.ts';

const prometheus = resolve(import.meta.dirname, '../../../deploy/prometheus');
const configuration = join(prometheus, 'alertmanager.yml');

interface RuleFile {
  readonly groups: readonly {
    readonly rules: readonly { readonly alert?: string; readonly labels?: { readonly severity?: string } }[];
  }[];
}
const { groups } = parse(readFileSync(join(prometheus, 'crossfade.rules.yml'), 'utf8')) as RuleFile;
const alerts = groups
  .flatMap(({ rules }) => rules)
  .flatMap(({ alert, labels }) => (alert === undefined ? [] : [{ alert, severity: `${labels?.severity}` }]));
const RECEIVERS: Readonly<Record<string, string>> = {
  critical: 'crossfade-page',
  warning: 'crossfade-ticket',
  info: 'crossfade-channel',
};

describe.skipIf(missing('amtool'))('the routes of alertmanager.yml', () => {
  it('pass amtool', () => {
    const { code, output } = execute('amtool', ['check-config', configuration], prometheus);
    expect(code, output).toBe(0);
  });

  it.each(alerts)('bring $alert, $severity, to those who have to know', ({ alert, severity }) => {
    expect(receiverOf({ alertname: alert, severity, migration: 'm', service: 's' })).toBe(RECEIVERS[severity]);
  });

  it('leave the alerts of others alone', () => {
    expect(receiverOf({ alertname: 'DiskFull', severity: 'critical' })).toBe('default');
  });
});

describe.skipIf(missing('prometheus-alertmanager'))('the inhibitions of alertmanager.yml', () => {
  const home = mkdtempSync(join(tmpdir(), 'crossfade-alertmanager-'));
  let alertmanager: Program;
  let url: string;

  beforeAll(async () => {
    url = `http://127.0.0.1:${await loopbackPort()}`;
    const options = [
      `--config.file=${configuration}`,
      `--storage.path=${home}`,
      `--web.listen-address=${url.slice('http://'.length)}`,
      '--cluster.listen-address=',
    ];
    const ready = async () => (await fetch(`${url}/-/ready`)).ok;
    alertmanager = await startProgram('prometheus-alertmanager', options, { cwd: home, ready });
  });
  afterAll(async () => {
    await alertmanager?.stop('SIGKILL');
    rmSync(home, { recursive: true, force: true });
  });

  /** Raises alerts of a migration of their own, and returns those that are muted. */
  async function mutedOf(migration: string, raised: readonly (readonly [alert: string, service?: string])[]) {
    const body = raised.map(([alertname, service]) => ({
      labels: { alertname, migration, ...(service !== undefined && { service }) },
    }));
    const headers = { 'content-type': 'application/json' };
    const response = await fetch(`${url}/api/v2/alerts`, { method: 'POST', headers, body: JSON.stringify(body) });
    expect(response.status).toBe(200);
    const seen = async () => {
      const found = await fetch(`${url}/api/v2/alerts?filter=migration%3D${migration}`);
      return (await found.json()) as { labels: Record<string, string>; status: { inhibitedBy: string[] } }[];
    };
    await expect.poll(async () => (await seen()).length, { timeout: 10_000 }).toBe(raised.length);
    return (await seen())
      .filter(({ status }) => status.inhibitedBy.length > 0)
      .map(({ labels }) => [labels['alertname'], labels['service']].filter((label) => label !== undefined).join(' '))
      .sort();
  }

  it('mute what is unknown of a service, and the drain of its migration, while all its meters are gone', async () => {
    const raised = [
      ['CrossfadeMetersGone', 's'],
      ['CrossfadeMeterMissing', 's'],
      ['CrossfadeMeterMissing', 'other'],
      ['CrossfadeInstancesLost', 's'],
      ['CrossfadeUnwatched'],
      ['CrossfadeDrainStalled'],
      ['CrossfadeRejectionsRising', 'other'],
      ['CrossfadeDisagreement'],
    ] as const;
    expect(await mutedOf('gone', raised)).toEqual([
      'CrossfadeDrainStalled',
      'CrossfadeInstancesLost s',
      'CrossfadeMeterMissing s',
      'CrossfadeUnwatched',
    ]);
  });

  it('mute nothing of another migration', async () => {
    expect(await mutedOf('elsewhere', [['CrossfadeUnwatched'], ['CrossfadeDrainStalled']])).toEqual([]);
  });

  it('name the cause alone: missing keys, flags that are not read, a meter that is missing', async () => {
    const raised = [
      ['CrossfadeKeysMissing', 's'],
      ['CrossfadeUnavailable', 's'],
      ['CrossfadeUnavailable', 'other'],
      ['CrossfadeFlagsStale', 's'],
      ['CrossfadeFlagsApart'],
      ['CrossfadeMeterMissing', 's'],
      ['CrossfadeUnwatched'],
    ] as const;
    expect(await mutedOf('causes', raised)).toEqual([
      'CrossfadeFlagsApart',
      'CrossfadeUnavailable s',
      'CrossfadeUnwatched',
    ]);
  });
});

function receiverOf(labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}=${value}`);
  const { code, output } = execute(
    'amtool',
    ['config', 'routes', 'test', '--config.file', configuration, ...pairs],
    prometheus,
  );
  expect(code, output).toBe(0);
  return output.trim();
}
