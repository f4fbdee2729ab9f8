import type { Verdict } from '@crossfade/core';
import { cliVerdict, planOfHistory, SILENT_STORE, storedIssuance } from './cli-verdict.ts';
import { CONDITIONS, type Conditions } from './conditions.ts';
import { type Contradiction, createJudge, type Limit } from './judge-history.ts';
import { type Evaluation, type Phases, playRules } from './rules-model.ts';
import { simulate, type Truth } from './simulate.ts';

/** What playing a history showed. */
export interface Played {
  readonly seed: number;
  readonly evaluations: number;
  readonly verdicts: Readonly<Record<Verdict, number>>;
  /** Evaluations after which a fleet that is drained and watched was not passed. */
  readonly refusals: readonly Evaluation[];
  readonly wrongPasses: readonly Contradiction[];
  /** Passes that only a limit excuses. */
  readonly excused: Readonly<Partial<Record<Limit, number>>>;
  /** Passes that the rules give without a store, and that the CLI gives, too. */
  readonly passedInSpiteOfStore: number;
  readonly compared: number;
  /** Where the CLI says something else than the rules. */
  readonly different: readonly string[];
  /** Whether the truth demands a pass at the end. */
  readonly mustPass: boolean;
}

const VERDICTS = { '1': 'pass', '0': 'fail', undefined: 'inconclusive' } as const;
/** Of the evaluations, the CLI is asked each time that a check changed, and once in so many. */
const ASKED_EVERY = 20;

function knowsPlan({ plan }: Evaluation, { plans: [own] }: Truth): boolean {
  const { drainWindow = 0, sessionHorizon = 0 } = plan;
  return own !== undefined && drainWindow >= own.drainWindow && sessionHorizon >= own.sessionHorizon;
}

/** In Prometheus each group has a phase of its own. */
function phasesOf(seed: number): Phases {
  return { levelOne: seed % 30, counts: (seed * 7) % 30, levelTwo: (seed * 13) % 30, countsEvery: 60, every: 30 };
}

/** Plays a history through the rules, and compares each verdict with the truth and with the CLI's. */
export function playHistory(seed: number, is: Conditions = CONDITIONS): Played {
  const history = simulate(seed);
  const { truth, recorded } = history;
  const judge = createJudge(history);
  const plan = planOfHistory(truth);
  const verdicts = { pass: 0, fail: 0, inconclusive: 0 };
  const refusals: Evaluation[] = [];
  const wrongPasses: Contradiction[] = [];
  const excused: Partial<Record<Limit, number>> = {};
  const different: string[] = [];
  let [evaluations, compared, passedInSpiteOfStore] = [0, 0, 0];
  let previous = '';
  for (const evaluation of playRules(recorded, phasesOf(seed), is)) {
    const { time, drained } = evaluation;
    const verdict = VERDICTS[`${drained}`];
    evaluations += 1;
    verdicts[verdict] += 1;
    if (judge.isRefusal(evaluation)) refusals.push(evaluation);
    const found = verdict === 'pass' ? judge.contradiction(time) : undefined;
    if (found !== undefined && found.limit === undefined) wrongPasses.push(found);
    if (found?.limit !== undefined) excused[found.limit] = (excused[found.limit] ?? 0) + 1;
    const checks = JSON.stringify(evaluation.checks);
    if (checks === previous && evaluations % ASKED_EVERY !== 0) continue;
    previous = checks;
    compared += 1;
    const cli = cliVerdict(evaluation, SILENT_STORE, plan);
    // A plan that no meter has yet, or has no more, is the CLI's alone: it may say less than the rules, never more.
    const isEqual = knowsPlan(evaluation, truth) ? cli === verdict : cli !== 'pass' || verdict === 'pass';
    if (!isEqual) different.push(`history ${seed} at ${time}: the rules say ${verdict}, the CLI ${cli}`);
    if (found?.limit === 'unseen_issuance' && cliVerdict(evaluation, storedIssuance(truth, time), plan) === 'pass')
      passedInSpiteOfStore += 1;
  }
  const mustPass = judge.refusedFrom < recorded.endsAt;
  return {
    seed,
    evaluations,
    verdicts,
    refusals,
    wrongPasses,
    excused,
    passedInSpiteOfStore,
    compared,
    different,
    mustPass,
  };
}
