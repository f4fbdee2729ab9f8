import { describe, expect, it } from 'vitest';
import { CONDITIONS, type Conditions } from './conditions.ts';
import type { Process } from './fleet.ts';
import type { PlanNumbers, Recorded } from './recorded.ts';
import { playRules } from './rules-model.ts';
import { recordScripted, scriptedProcess } from './scripted-fleet.ts';
import type { TrafficEvent } from './traffic.ts';

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const NEVER = Number.POSITIVE_INFINITY;
const PHASES = { levelOne: 0, counts: 10, levelTwo: 20, countsEvery: 60, every: 30 };

/** What the rules say from a time on. */
function play(recorded: Recorded, from: number, is: Conditions = CONDITIONS, until = recorded.endsAt) {
  const since = new Set<number | undefined>();
  let [passesFrom, passes, others, mostDebt, evaluations] = [NEVER, 0, 0, 0, 0];
  for (const { time, drained, watchedSince, debt = 0 } of playRules(recorded, PHASES, is, until)) {
    evaluations += 1;
    if (time < from) continue;
    since.add(watchedSince);
    mostDebt = Math.max(mostDebt, debt);
    if (drained === 1) [passesFrom, passes] = [Math.min(passesFrom, time), passes + 1];
    else if (time > passesFrom) others += 1;
  }
  return { since, passesFrom, passes, others, mostDebt, evaluations };
}

describe('a fleet that breathes every ten minutes for a month', () => {
  const ENDS_AT = 31 * DAY + 2 * HOUR;
  const LAST_LEGACY_AT = 2 * HOUR;
  const BASE = 4;
  /** The plan that `crossfade init` writes: sessions of 30 days. */
  const PLAN: PlanNumbers = {
    drainWindow: DAY + HOUR + MINUTE,
    sessionHorizon: 30 * DAY + HOUR + MINUTE,
    clockTolerance: MINUTE,
    blind: 300,
    coverage: 0.99,
  };

  /** Four that a deployment replaces each day, one of them evicted every two days, and two more every other ten minutes. */
  function monthOfProcesses(): readonly Process[] {
    const processes: Process[] = [];
    const run = (startedAt: number, servesUntil: number, isClean: boolean) =>
      processes.push(scriptedProcess(processes.length, PLAN, { startedAt, servesUntil, isClean }));
    for (let slot = 0; slot < BASE; slot += 1) {
      let startedAt = 0;
      for (let day = 1; startedAt < ENDS_AT; day += 1) {
        const rollsAt = day * DAY + slot * MINUTE;
        const evictedAt = day * DAY - 7 * HOUR;
        if (slot === 1 && day % 2 === 0) {
          run(startedAt, evictedAt, false);
          startedAt = evictedAt + 30;
        }
        const isLast = rollsAt + 40 >= ENDS_AT;
        run(startedAt, isLast ? NEVER : rollsAt + 40, !isLast);
        startedAt = isLast ? ENDS_AT : rollsAt;
      }
    }
    for (let at = 20 * MINUTE; at + 10 * MINUTE < ENDS_AT; at += 20 * MINUTE)
      for (const late of [10, 30]) run(at + late, at + 10 * MINUTE, true);
    return processes;
  }

  it('is watched throughout, and passes to the minute when it is drained', () => {
    const processes = monthOfProcesses();
    const [first] = processes;
    const legacy: TrafficEvent = {
      ...{ at: LAST_LEGACY_AT, kind: 'legacy', process: first as Process },
      ...{ issuedAt: LAST_LEGACY_AT - 60, expiresAt: LAST_LEGACY_AT + HOUR - 60 },
    };
    const recorded = recordScripted(processes, ENDS_AT, (one) => (one === first ? [legacy] : []));
    const { since, passesFrom, others, mostDebt, evaluations } = play(recorded, HOUR);
    const unscraped = recorded.targets.filter(({ samples }) => samples.length === 0).length;
    process.stdout.write(
      `a month of an autoscaler: ${processes.length} processes, ${unscraped} never scraped, ${evaluations} evaluations; watched since ${[...since].join(', ')} s; most debt ${Math.round(mostDebt)} s of ${PLAN.blind}; passes from ${(passesFrom / DAY).toFixed(2)} d on, ${others} inconclusive after it\n`,
    );
    expect(since.size).toBe(1);
    expect(mostDebt).toBeLessThan(PLAN.blind);
    expect(passesFrom).toBeGreaterThanOrEqual(LAST_LEGACY_AT + PLAN.sessionHorizon - MINUTE);
    expect(passesFrom).toBeLessThan(LAST_LEGACY_AT + PLAN.sessionHorizon + 10 * MINUTE);
    expect(others).toBe(0);
    // Where a look reaches back two minutes only, each breath is a hole.
    const broken = play(recorded, 0, { ...CONDITIONS, lookSeconds: 120 }, DAY);
    expect(broken.since.size).toBeGreaterThan(5);
  }, 60_000);
});

describe('a fleet whose instances live shortly', () => {
  const ENDS_AT = 6 * HOUR;
  const PLAN: PlanNumbers = {
    ...{ drainWindow: 26 * MINUTE, sessionHorizon: 26 * MINUTE },
    ...{ clockTolerance: MINUTE, blind: 300, coverage: 0.99 },
  };

  it.each([
    { count: 100, life: HOUR, isClean: true, nextAfter: -40, how: 'end after the next one started' },
    { count: 100, life: HOUR, isClean: true, nextAfter: 30, how: 'end before the next one starts' },
    { count: 300, life: 4 * HOUR, isClean: false, nextAfter: 30, how: 'are killed' },
  ])('passes: $count instances that live for $life s and $how', ({ count, life, isClean, nextAfter }) => {
    const processes: Process[] = [];
    for (let slot = 0; slot < count; slot += 1)
      for (let at = -Math.round((slot / count) * life); at < ENDS_AT; at += life + nextAfter)
        processes.push(scriptedProcess(processes.length, PLAN, { startedAt: at, servesUntil: at + life, isClean }));
    const { since, passes, others } = play(recordScripted(processes, ENDS_AT), 2 * HOUR);
    expect(since.size).toBe(1);
    expect(passes).toBe(481);
    expect(others).toBe(0);
  });
});
