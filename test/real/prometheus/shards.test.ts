import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { parse, stringify } from 'yaml';
import { type Issuer, LEGACY, startIssuer, TARGET } from '../fixture/issuer.ts';
import { loopbackPort } from '../fixture/loopback-port.ts';
import { type Program, startProgram } from '../fixture/program.ts';
import { quickRules } from '../fixture/quick-rules.ts';
import { missing } from '../fixture/real-part.ts';
import { type RecordingApi, startRecordingApi } from '../fixture/recording-api.ts';
import { type SidecarProgram, startSidecarProgram } from '../fixture/sidecar-program.ts';

const ROOT = resolve(import.meta.dirname, '../../..');
const RULES = join(ROOT, 'deploy/prometheus/crossfade.rules.yml');
/** The rules' five minutes are ten seconds here. */
const FASTER = 30;
/** VictoriaMetrics shows what arrived that long ago; 30 s by default. */
const LATE_S = 5;
const SETTLING = { timeout: 120_000, interval: 500 };
const PLAN = { clockTolerance: '1s', gate: { silence: '20s' } };
const SHORT_SESSIONS = { tokenLifetime: '1s', sessionLifetime: '1s' };
const ALL_TO_TARGET = { 'issue-target': { enabled: true, percent: 100 }, 'accept-legacy': { enabled: true } };

interface ShardConfiguration {
  readonly global: object;
  readonly scrape_configs: readonly object[];
  readonly remote_write: readonly object[];
}

/** The configuration of a shard that the page shows. */
function shownConfiguration(): ShardConfiguration {
  const page = readFileSync(join(ROOT, 'docs/prometheus-at-scale.md'), 'utf8');
  const [, block = ''] = /```yaml\n(# prometheus\.yml of a shard[^`]*)```/.exec(page) ?? [];
  return parse(block) as ShardConfiguration;
}

/** The store above the shards, which evaluates level 2. */
interface Ruler {
  readonly name: string;
  readonly url: string;
}

describe.skipIf(missing('prometheus') || missing('victoria-metrics') || missing('vmalert'))(
  'level 2 above three Prometheus servers, two of them replicas',
  () => {
    const folder = mkdtempSync(join(tmpdir(), 'crossfade-shards-'));
    const programs: Program[] = [];
    const rulers: Ruler[] = [];
    let issuer: Issuer;
    let api: RecordingApi;
    let sidecars: readonly SidecarProgram[] = [];
    let shardB: Program;
    let target: string;

    beforeAll(async () => {
      [issuer, api] = await Promise.all([startIssuer(), startRecordingApi()]);
      target = await issuer.mint(TARGET);
      sidecars = await Promise.all([1, 2, 3].map(() => startSidecar()));
      const [one, two, three] = sidecars.map(({ adminPort }) => `127.0.0.1:${adminPort}`);
      rulers.push(await startPrometheusRuler(), await startVictoria());
      for (const replica of ['1', '2']) await startShard({ shard: 'a', replica }, [`${one}`, `${two}`]);
      shardB = await startShard({ shard: 'b', replica: '1' }, [`${three}`]);
    });
    afterAll(async () => {
      await Promise.all(programs.map((program) => program.stop('SIGKILL')));
      await Promise.all(sidecars.map((sidecar) => sidecar.remove()));
      await Promise.all([issuer?.close(), api?.close()]);
      rmSync(folder, { recursive: true, force: true });
    });

    async function startSidecar(): Promise<SidecarProgram> {
      const settings = { issuer: issuer.url, mode: 'proxy', upstream: api.url, flags: ALL_TO_TARGET } as const;
      const plan = { ...PLAN, legacy: { issuer: issuer.url, audience: LEGACY, scope: 'openid', ...SHORT_SESSIONS } };
      return startSidecarProgram({ ...settings, plan });
    }

    /** Writes the groups of one level, as quick as the test. */
    function writeRules(path: string, isOfLevel: (group: string) => boolean, more: readonly object[] = []): void {
      const { groups } = parse(quickRules(readFileSync(RULES, 'utf8'), FASTER)) as {
        groups: readonly { name: string }[];
      };
      writeFileSync(path, stringify({ groups: [...more, ...groups.filter(({ name }) => isOfLevel(name))] }));
    }

    const isLevelTwo = (group: string) => group === 'crossfade-level-2';
    /** What the user's own rule records, in the ruler. */
    const expected = {
      name: 'expected',
      interval: '1s',
      rules: [
        {
          record: 'crossfade:expected_instances:sum',
          expr: 'label_replace(label_replace(vector(3), "migration", "orders-2026", "", ""), "service", "orders-api", "", "")',
        },
      ],
    };

    async function startPrometheusOf(name: string, configuration: object, args: readonly string[] = []) {
      const home = join(folder, name);
      mkdirSync(home, { recursive: true });
      writeFileSync(join(home, 'prometheus.yml'), JSON.stringify(configuration));
      const port = await loopbackPort();
      const url = `http://127.0.0.1:${port}`;
      const options = [
        `--config.file=${home}/prometheus.yml`,
        `--storage.tsdb.path=${home}/data`,
        `--web.listen-address=127.0.0.1:${port}`,
        '--log.level=error',
        ...args,
      ];
      const ready = async () => (await fetch(`${url}/-/ready`)).ok;
      const program = await startProgram('prometheus', options, { cwd: folder, ready });
      programs.push(program);
      return { url, program };
    }

    async function startPrometheusRuler(): Promise<Ruler> {
      writeRules(join(folder, 'level-2.yml'), isLevelTwo, [expected]);
      const configuration = { global: { evaluation_interval: '1s' }, rule_files: [join(folder, 'level-2.yml')] };
      const { url } = await startPrometheusOf('ruler', configuration, ['--web.enable-remote-write-receiver']);
      return { name: 'Prometheus', url };
    }

    async function startVictoria(): Promise<Ruler> {
      const [port, alertPort] = [await loopbackPort(), await loopbackPort()];
      const url = `http://127.0.0.1:${port}`;
      const storage = [
        `-storageDataPath=${folder}/victoria`,
        `-httpListenAddr=127.0.0.1:${port}`,
        `-search.latencyOffset=${LATE_S}s`,
        '-inmemoryDataFlushInterval=1s',
        '-loggerLevel=ERROR',
      ];
      const isReady = (base: string) => async () => (await fetch(`${base}/health`)).ok;
      programs.push(await startProgram('victoria-metrics', storage, { cwd: folder, ready: isReady(url) }));
      const rules = [
        `-rule=${folder}/level-2.yml`,
        `-datasource.url=${url}`,
        `-remoteWrite.url=${url}`,
        '-remoteWrite.flushInterval=200ms',
        `-rule.evalDelay=${LATE_S}s`,
        '-notifier.blackhole',
        `-httpListenAddr=127.0.0.1:${alertPort}`,
        '-loggerLevel=ERROR',
      ];
      const alertUrl = `http://127.0.0.1:${alertPort}`;
      programs.push(await startProgram('vmalert', rules, { cwd: folder, ready: isReady(alertUrl) }));
      return { name: 'VictoriaMetrics', url };
    }

    /** Scrapes some of the instances, evaluates level 1, and sends what it records to both rulers. */
    async function startShard(labels: Readonly<Record<string, string>>, targets: readonly string[]): Promise<Program> {
      const path = join(folder, 'level-1.yml');
      writeRules(path, (group) => group.startsWith('crossfade-level-1'));
      const { global, scrape_configs, remote_write } = shownConfiguration();
      const { program } = await startPrometheusOf(`shard-${labels['shard']}-${labels['replica']}`, {
        global: { ...global, scrape_interval: '1s', evaluation_interval: '1s', external_labels: labels },
        rule_files: [path],
        scrape_configs: scrape_configs.map((job) => ({ ...job, static_configs: [{ targets }] })),
        remote_write: rulers.map(({ name, url }) => ({
          ...remote_write[0],
          url: `${url}/api/v1/write`,
          name,
          queue_config: { batch_send_deadline: '100ms' },
        })),
      });
      return program;
    }

    async function send(sidecar: SidecarProgram | undefined, token: string): Promise<void> {
      const response = await fetch(`http://127.0.0.1:${sidecar?.port}/orders`, {
        headers: { authorization: `Bearer ${token}` },
      });
      await response.text();
    }

    async function valueAt({ url }: Ruler, promql: string): Promise<number | undefined> {
      const response = await fetch(`${url}/api/v1/query?query=${encodeURIComponent(promql)}`);
      const { data } = (await response.json()) as { data: { result: readonly { value: readonly [number, string] }[] } };
      expect(data.result.length, promql).toBeLessThanOrEqual(1);
      const [sample] = data.result;
      return sample === undefined ? undefined : Number(sample.value[1]);
    }

    /** Waits until both rulers give a value, while each instance sees target tokens. */
    async function bothShow(promql: string, value: number | undefined): Promise<void> {
      await vi.waitFor(async () => {
        await Promise.all(sidecars.map((sidecar) => send(sidecar, target)));
        for (const ruler of rulers) expect(await valueAt(ruler, promql), `${ruler.name}: ${promql}`).toBe(value);
      }, SETTLING);
    }

    it('counts the instances of both shards once, whatever replicas scrape them', async () => {
      await bothShow('crossfade:watched_instances:sum', 3);
    });

    it('is drained when every shard is', async () => {
      await bothShow('crossfade:drained:bool', 1);
    });

    it('is not drained while one instance of one shard sees a legacy token', async () => {
      await send(sidecars[2], await issuer.mint(LEGACY, { exp: Math.floor(Date.now() / 1000) + 3 }));
      await bothShow('crossfade:drained:bool', 0);
    });

    it('is inconclusive once a shard is gone, whatever the others show', async () => {
      await shardB.stop('SIGKILL');
      await bothShow('crossfade:watched_instances:sum', 2);
      await bothShow('crossfade:drain_check:bool{check="coverage"}', undefined);
      await bothShow('crossfade:drained:bool', undefined);
    });
  },
);
