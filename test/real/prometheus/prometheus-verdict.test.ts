import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { type DrainPlan, drainVerdict, type Evidence, type Verdict } from '@crossfade/core';
import { globSync } from 'tinyglobby';
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { execute, missing } from '../fixture/real-part.ts';

const prometheus = resolve(import.meta.dirname, '../../../deploy/prometheus');
const MINUTE_MS = 60_000;
const WORLDS = Number(process.env['CROSSFADE_WORLDS'] ?? 24);
const SEED = Number(process.env['CROSSFADE_SEED'] ?? 14);
/** When the verdict is asked for, in minutes. The window and the horizon are those of `short.plan.rules.yml`. */
const NOW = 240;
const [WINDOW, HORIZON] = [60, 120];
/** How long no instance is scraped in a gap. */
const GAP = 3;

const PLAN: DrainPlan = {
  legacy: {
    ...{ issuer: 'https://idp.example.com', issuers: ['https://idp.example.com'], scope: '' },
    ...{ tokenLifetimeMs: 0, sessionLifetimeMs: HORIZON * MINUTE_MS },
  },
  gate: { silenceMs: WINDOW * MINUTE_MS, coverage: 0.99 },
  clockToleranceMs: 0,
};

/** What an instance saw last, in minutes; `null` for never. None is near an edge of the window or the horizon. */
interface Instance {
  readonly seen: number | null;
  readonly issued: number | null;
  readonly expiry: number | null;
  readonly refused: number | null;
  readonly verified: number | null;
  readonly unverified: number | null;
  readonly target: number | null;
  readonly reportsDisagreements: boolean;
  /** When it was removed. */
  readonly goneAt: number | null;
}

interface World {
  readonly instances: readonly Instance[];
  /** Instances beyond those that there are. */
  readonly expectedMore: number;
  /** When issuance reached 100 %. */
  readonly issuanceAt: number;
  /** When no instance was scraped, for `GAP` minutes. */
  readonly gapAt: number | null;
}

/** The verdict of the Prometheus rules has to be that of `drainVerdict`, which `crossfade gate` and the dashboard use. */
describe.skipIf(missing('promtool'))('crossfade:drained:bool', () => {
  it(`is the verdict of crossfade gate in ${WORLDS} random histories (seed ${SEED})`, () => {
    const random = createRandom(SEED);
    const worlds = Array.from({ length: WORLDS }, () => createWorld(random));
    const verdicts = worlds.map((world) => drainVerdict(evidenceOf(world), PLAN, NOW * MINUTE_MS).verdict);
    process.stdout.write(`verdicts: ${JSON.stringify(countOf(verdicts))}\n`);
    expect([...new Set(verdicts)].sort()).toEqual(['fail', 'inconclusive', 'pass']);
    const tests = worlds.map((world, index) => promtoolTest(world, verdicts[index] ?? 'fail'));
    const folder = mkdtempSync(join(tmpdir(), 'crossfade-verdict-'));
    try {
      cpSync(prometheus, folder, { recursive: true });
      for (const file of globSync('**/*.rules.yml', { cwd: folder })) evaluateEachMinute(join(folder, file));
      const rules = ['../crossfade.rules.yml', '../crossfade.expected.rules.yml', 'short.plan.rules.yml'];
      const suite = { rule_files: rules, evaluation_interval: '1m', tests };
      writeFileSync(join(folder, 'test/worlds.yml'), stringify(suite));
      const { code, output } = execute('promtool', ['test', 'rules', 'worlds.yml'], join(folder, 'test'));
      expect(code, output).toBe(0);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  }, 600_000);
});

function countOf(verdicts: readonly Verdict[]): Partial<Record<Verdict, number>> {
  const counts: Partial<Record<Verdict, number>> = {};
  for (const verdict of verdicts) counts[verdict] = (counts[verdict] ?? 0) + 1;
  return counts;
}

/** Halves the time that the test takes. */
function evaluateEachMinute(path: string): void {
  writeFileSync(path, readFileSync(path, 'utf8').replaceAll('interval: 30s', 'interval: 1m'));
}

type Random = <Value>(...values: readonly Value[]) => Value;

/** Returns a function that chooses one of its arguments, the same ones for a seed. */
function createRandom(seed: number): Random {
  let state = seed;
  return (...values) => {
    // Mulberry32.
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    const value = values[((mixed ^ (mixed >>> 14)) >>> 0) % values.length];
    return value as (typeof values)[number];
  };
}

/** Most worlds have one flaw or two, so that each check decides in some. */
function createWorld(random: Random): World {
  const rarely = <Value>(usual: Value, ...others: readonly Value[]) =>
    random(...Array(30).fill(usual), ...others) as Value;
  const createInstance = (goneAt: number | null): Instance => {
    const before = (minute: number | null) => (minute !== null && minute < (goneAt ?? NOW) ? minute : null);
    return {
      seen: before(rarely(random(null, 20, 150), 200, 230)),
      issued: before(rarely(random(null, 20, 100), 150, 230)),
      expiry: rarely(random(null, 30, 160), 300),
      refused: before(rarely(random(null, 100, 150), 200)),
      verified: before(rarely(random(null, 100, 150), 190, 230)),
      unverified: before(rarely(random(null, 100, 150), 190, 230)),
      target: rarely<number | null>(230, 100, null),
      reportsDisagreements: rarely(true, false),
      goneAt,
    };
  };
  const live = Array.from({ length: random(1, 2, 3) }, () => createInstance(null));
  const gone = [random(205, 236)].map(createInstance);
  return {
    instances: [...live, ...random([], gone)],
    expectedMore: rarely(0, 1, live.length > 1 ? -1 : 0),
    issuanceAt: rarely(0, 80, 150, 200),
    gapAt: rarely<number | null>(null, 60, 130, 200),
  };
}

/** Returns what the CLI would read of a world: what any instance saw counts for each that is there. */
function evidenceOf({ instances, expectedMore, issuanceAt, gapAt }: World): Evidence {
  const last = (time: (instance: Instance) => number | null) =>
    inMs(Math.max(...instances.map((each) => time(each) ?? 0)));
  const reported = (time: (instance: Instance) => number | null) =>
    last((each) => (each.reportsDisagreements ? time(each) : null));
  const live = instances.filter(({ goneAt }) => goneAt === null);
  const watchedSince = expectedMore > 0 ? NOW : gapAt === null ? 0 : gapAt + GAP;
  const disagreements = {
    lastVerifiedMs: reported(({ verified }) => verified),
    lastUnverifiedMs: reported(({ unverified }) => unverified),
    reasons: {},
  };
  const shared = {
    watchedSinceMs: watchedSince * MINUTE_MS,
    legacy: {
      lastSeenMs: last(({ seen }) => seen),
      latestIssuedMs: last(({ issued }) => issued),
      latestExpiryMs: last(({ expiry }) => expiry),
    },
    lastValidUnauthorizedMs: last(({ refused }) => refused),
  };
  return {
    issuance: { enabled: true, percent: 100, revision: '1', sinceMs: issuanceAt * MINUTE_MS },
    expectedMeters: live.length + expectedMore,
    meters: live.map(({ target, reportsDisagreements }, index) => ({
      ...shared,
      meter: `i${index}`,
      target: { lastSeenMs: inMs(target ?? 0) },
      disagreements: reportsDisagreements ? disagreements : null,
    })),
  };
}

function inMs(minute: number): number | null {
  return minute === 0 ? null : minute * MINUTE_MS;
}

const DRAINED: Readonly<Record<Verdict, readonly number[]>> = { pass: [1], fail: [0], inconclusive: [] };

/** Returns a test of promtool that expects a verdict in a world. */
function promtoolTest(world: World, verdict: Verdict): object {
  return {
    name: JSON.stringify(world),
    interval: '1m',
    input_series: [
      ...expectedSeries(world),
      ...world.instances.flatMap((instance, index) => seriesOf(instance, index, world)),
    ],
    promql_expr_test: [
      {
        expr: 'crossfade:drained:bool',
        eval_time: `${NOW}m`,
        exp_samples: DRAINED[verdict].map((value) => ({ labels: 'crossfade:drained:bool{migration="m"}', value })),
      },
    ],
  };
}

interface Series {
  readonly series: string;
  readonly values: string;
}

function expectedSeries({ instances, expectedMore }: World): Series[] {
  const deployment = 'namespace="n",deployment="orders"';
  // A deployment tells of a removal before the instance is gone.
  const replicas = (minute: number) =>
    instances.filter(({ goneAt }) => goneAt === null || minute < goneAt - 1).length + expectedMore;
  return [
    { series: `kube_deployment_spec_replicas{${deployment}}`, values: valuesOf(replicas) },
    { series: `kube_deployment_labels{${deployment},label_crossfade_migration="m"}`, values: valuesOf(() => 1) },
  ];
}

function seriesOf(instance: Instance, index: number, { issuanceAt, gapAt }: World): Series[] {
  const isScraped = (minute: number) =>
    (instance.goneAt === null || minute < instance.goneAt) &&
    (gapAt === null || minute < gapAt || minute >= gapAt + GAP);
  const series = (name: string, labels: string, value: (minute: number) => number) => ({
    series: `crossfade_${name}{migration="m",service="s",instance="i${index}"${labels}}`,
    values: valuesOf((minute) => (isScraped(minute) ? value(minute) : 'stale')),
  });
  /** A timestamp in seconds: 0 until the moment that it tells. */
  const moment = (at: number | null) => (minute: number) => (at === null || minute < at ? 0 : at * 60);
  const count = (at: number | null) => (minute: number) => (at === null || minute < at ? 0 : 1);
  const { seen, issued, expiry, refused, verified, unverified, target, reportsDisagreements } = instance;
  return [
    series('build_info', '', () => 1),
    series('issuance_percent', '', (minute) => (minute < issuanceAt ? 50 : 100)),
    series('unavailable_total', '', () => 0),
    series('requests_total', ',audience="legacy",outcome="accepted"', count(seen)),
    series('after_close_rejections_total', '', count(seen)),
    series('valid_unauthorized_total', ',audience="target"', count(refused)),
    series('last_seen_timestamp_seconds', ',audience="legacy"', moment(seen)),
    series('latest_issued_timestamp_seconds', ',audience="legacy"', moment(issued)),
    series('latest_expiry_timestamp_seconds', ',audience="legacy"', () => (expiry ?? 0) * 60),
    series('last_seen_timestamp_seconds', ',audience="target"', moment(target)),
    ...(reportsDisagreements
      ? [
          series('last_disagreement_timestamp_seconds', ',token="verified"', moment(verified)),
          series('last_disagreement_timestamp_seconds', ',token="unverified"', moment(unverified)),
        ]
      : []),
  ];
}

function valuesOf(value: (minute: number) => number | 'stale'): string {
  return Array.from({ length: NOW + 1 }, (_, minute) => value(minute)).join(' ');
}
