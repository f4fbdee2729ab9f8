import { expect, it } from 'vitest';
import { CONDITIONS } from './conditions.ts';
import { type Process, scrapeInstance } from './fleet.ts';
import { createRandom } from './random.ts';
import type { PlanNumbers, ScrapeTarget } from './recorded.ts';
import { playRules } from './rules-model.ts';
import { sampleScrapes } from './scrape-samples.ts';
import type { TrafficEvent } from './traffic.ts';

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const STEP = 30;
const ENDS_AT = 31 * DAY + 2 * HOUR;
const NEVER = Number.POSITIVE_INFINITY;
/** The plan that `crossfade init` writes: sessions of 30 days. */
const PLAN: PlanNumbers = {
  drainWindow: DAY + HOUR + MINUTE,
  sessionHorizon: 30 * DAY + HOUR + MINUTE,
  clockTolerance: MINUTE,
  blind: 300,
  coverage: 0.99,
};
const LAST_LEGACY_AT = 2 * HOUR;
const BASE = 4;

/** Four instances that a deployment replaces each day, one of them evicted every two days, and two more every other ten minutes. */
function monthOfProcesses(): readonly Process[] {
  const processes: Process[] = [];
  const run = (startedAt: number, servesUntil: number, isClean: boolean) => {
    const index = processes.length;
    const plain = {
      service: 'orders',
      isUnscraped: false,
      skews: [],
      plan: PLAN,
      tellsDisagreements: true,
      isIdle: false,
    };
    const goneAt = isClean ? servesUntil + 120 : servesUntil;
    const name = `orders-${index}`;
    processes.push({ ...plain, instance: name, name, startedAt, servesUntil, goneAt, isClean, targetAfter: 10 });
  };
  for (let slot = 0; slot < BASE; slot += 1) {
    let startedAt = 0;
    for (let day = 1; startedAt < ENDS_AT; day += 1) {
      const rollsAt = day * DAY + slot * MINUTE;
      const evictedAt = day * DAY - 7 * HOUR;
      if (slot === 1 && day % 2 === 0) {
        run(startedAt, evictedAt, false);
        startedAt = evictedAt + 30;
      }
      run(startedAt, rollsAt + 40 < ENDS_AT ? rollsAt + 40 : NEVER, rollsAt + 40 < ENDS_AT);
      startedAt = rollsAt + 40 < ENDS_AT ? rollsAt : ENDS_AT;
    }
  }
  for (let at = 20 * MINUTE; at + 10 * MINUTE < ENDS_AT; at += 20 * MINUTE)
    for (const late of [10, 30]) run(at + late, at + 10 * MINUTE, true);
  return processes;
}

/** Ready replicas, as kube-state-metrics tells them half a minute late. */
function expectedOf(processes: readonly Process[]): readonly number[] {
  const changes = new Map<number, number>();
  const change = (at: number, by: number) => {
    const step = Math.ceil((at + 30) / STEP);
    changes.set(step, (changes.get(step) ?? 0) + by);
  };
  for (const { startedAt, servesUntil } of processes) {
    change(startedAt + 10, 1);
    if (servesUntil !== NEVER) change(servesUntil, -1);
  }
  let count = 0;
  return Array.from({ length: ENDS_AT / STEP + 1 }, (_, step) => (count += changes.get(step) ?? 0));
}

it('a fleet that breathes every ten minutes for a month is watched throughout, and drained when it is', () => {
  const random = createRandom(1);
  const processes = monthOfProcesses();
  const scraper = { endsAt: ENDS_AT, missProbability: 0.002, chaosUntil: 0, stops: [], outages: [] };
  const first = processes[0] as Process;
  const legacy: TrafficEvent = {
    ...{ at: LAST_LEGACY_AT, kind: 'legacy', process: first },
    ...{ issuedAt: LAST_LEGACY_AT - 60, expiresAt: LAST_LEGACY_AT + HOUR - 60 },
  };
  const targets: readonly ScrapeTarget[] = processes.map((process) => ({
    ...{ service: 'orders', job: 'sidecars', instance: process.instance },
    samples: sampleScrapes(scrapeInstance([process], scraper, random), (one) => (one === first ? [legacy] : []), {
      idleUntil: 0,
      percentAt: () => 100,
    }),
  }));
  const recorded = {
    endsAt: ENDS_AT,
    targets,
    expected: [{ service: 'orders', values: expectedOf(processes) }],
    stops: [],
  };
  const phases = { levelOne: 0, counts: 10, levelTwo: 20, countsEvery: 60, every: STEP };
  const since = new Set<number | undefined>();
  let [passesFrom, evaluations, unknown, mostDebt] = [NEVER, 0, 0, 0];
  for (const { time, drained, watchedSince, debt = 0 } of playRules(recorded, phases)) {
    evaluations += 1;
    if (time < HOUR) continue;
    since.add(watchedSince);
    mostDebt = Math.max(mostDebt, debt);
    if (drained === 1) passesFrom = Math.min(passesFrom, time);
    if (time > passesFrom && drained !== 1) unknown += 1;
  }
  // Where a look reaches back two minutes only, each breath is a hole.
  const broken = [...playRules(recorded, phases, { ...CONDITIONS, lookSeconds: 120 }, DAY)];
  expect(new Set(broken.map(({ watchedSince }) => watchedSince)).size).toBeGreaterThan(5);
  const unscraped = targets.filter(({ samples }) => samples.length === 0).length;
  process.stdout.write(
    `a month of an autoscaler: ${processes.length} processes, ${unscraped} never scraped, ${evaluations} evaluations; watched since ${[...since].join(', ')} s; most debt ${Math.round(mostDebt)} s of ${PLAN.blind}; passes from ${(passesFrom / DAY).toFixed(2)} d on, ${unknown} inconclusive after it\n`,
  );
  expect(since.size).toBe(1);
  expect(mostDebt).toBeLessThan(PLAN.blind);
  expect(passesFrom).toBeGreaterThanOrEqual(LAST_LEGACY_AT + PLAN.sessionHorizon - 60);
  expect(passesFrom).toBeLessThan(LAST_LEGACY_AT + PLAN.sessionHorizon + 10 * MINUTE);
});
