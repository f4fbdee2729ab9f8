import type { Judgement } from '@crossfade/core';
import { cutOut, type TextWithToken } from './presented-token.ts';
import type { JudgementContext, Validator } from './validator.ts';

/**
 * Judges without waiting where there is nothing to wait for, as with nearly every request.
 * @throws {@link UnavailableError} like `Validator.judge`, by rejecting the promise.
 */
export type SoonJudge = (
  presented: TextWithToken | undefined,
  context?: JudgementContext,
) => Judgement | Promise<Judgement>;

const soonJudges = new WeakMap<Validator['judge'], SoonJudge>();

/** Lets the guards of this package have the judgements of `judge` without waiting for a promise. */
export function offerSoonest(judge: Validator['judge'], soon: SoonJudge): void {
  soonJudges.set(judge, soon);
}

/**
 * The judgements of a validator, as soon as they are there, about tokens as `presentedToken` finds them. It goes by the
 * very function, so that the judge of an application that wraps a validator's is never passed by. What that one returns
 * is awaited, whatever kind of promise it is.
 */
export function soonestOf(validator: Pick<Validator, 'judge'>): SoonJudge {
  return (
    soonJudges.get(validator.judge) ??
    (async (presented, context) => validator.judge(presented && cutOut(presented), context))
  );
}
