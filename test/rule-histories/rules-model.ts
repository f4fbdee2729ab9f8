import { CONDITIONS, type Conditions } from './conditions.ts';
import { type Counts, evaluateCounts, evaluateLevelOne, type LevelOne } from './level-one.ts';
import { createMemory, evaluateLevelTwo, type LevelTwo } from './level-two.ts';
import { isWithin, type Recorded } from './recorded.ts';

export interface Evaluation extends LevelTwo {
  readonly time: number;
  readonly levelOne: LevelOne;
}

/** When the groups are evaluated, in seconds after each step. */
export interface Phases {
  readonly levelOne: number;
  readonly counts: number;
  readonly levelTwo: number;
  /** How often the counts are evaluated. */
  readonly countsEvery: number;
  /** How often the others are evaluated. */
  readonly every: number;
}

/** promtool evaluates all groups at once, in the order of the file. */
export function promtoolPhases(every: number): Phases {
  return { levelOne: 0, counts: 0, levelTwo: 0, countsEvery: every, every };
}
const LOOKBACK = 300;
const NEAR = 3600;
const NOTHING: LevelOne = { plan: {}, services: new Map() };
const NO_COUNTS: Counts = { legacyAccepted: new Map(), afterCloseRejected: new Map() };

/** Plays the rules over what Prometheus has: all evaluations of level 2, in order. */
export function* playRules(
  { endsAt, targets, expected, stops }: Recorded,
  phases: Phases,
  is: Conditions = CONDITIONS,
  until = endsAt,
): Generator<Evaluation> {
  const memory = createMemory();
  let levelOne = { at: Number.NEGATIVE_INFINITY, value: NOTHING };
  let counts = { at: Number.NEGATIVE_INFINITY, value: NO_COUNTS };
  const groups = [
    { phase: phases.levelOne, every: phases.every, name: 'one' as const },
    { phase: phases.counts, every: phases.countsEvery, name: 'counts' as const },
    { phase: phases.levelTwo, every: phases.every, name: 'two' as const },
  ].toSorted((one, other) => one.phase - other.phase);
  const spans = targets.map(({ samples }) => ({ from: samples[0]?.at ?? endsAt, to: samples.at(-1)?.at ?? 0 }));
  let near = targets;
  for (let step = 0; step <= until; step += phases.every) {
    // The rules look back an hour and five minutes at most: of a month, only those of some hours matter.
    if (step % NEAR === 0)
      near = targets.filter((_, index) => {
        const { from, to } = spans[index] ?? { from: endsAt, to: 0 };
        return from <= step + NEAR + phases.every && to >= step - 2 * NEAR;
      });
    for (const { phase, every, name } of groups) {
      const time = step + phase;
      if (step % every !== 0 || isWithin(stops, time)) continue;
      if (name === 'one') levelOne = { at: time, value: evaluateLevelOne(near, time, is) };
      else if (name === 'counts') counts = { at: time, value: evaluateCounts(near, time, is) };
      else {
        const input = {
          time,
          expected,
          levelOneAt: levelOne.at,
          levelOne: levelOne.at >= time - LOOKBACK ? levelOne.value : NOTHING,
          counts: counts.at >= time - LOOKBACK ? counts.value : NO_COUNTS,
        };
        yield { time, levelOne: input.levelOne, ...evaluateLevelTwo(input, memory, is) };
      }
    }
  }
}
