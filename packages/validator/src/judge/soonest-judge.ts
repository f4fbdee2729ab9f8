import type { Judgement } from '@crossfade/core';
import type { RequestProof, TokenScheme } from '../request/judgement-context.ts';
import { cutOut, presentedToken } from '../request/presented-token.ts';
import type { Validator } from './validator.ts';

/**
 * Judges the token in an `Authorization` header without waiting where there is nothing to wait for, as with nearly every
 * request.
 *
 * @param authorization - the header; all of its values where a request has several.
 * @param request - is handed to what reads its proof of possession.
 * @throws {@link UnavailableError} like `Validator.judge`, by rejecting the promise.
 */
export type SoonJudge<R> = (
  authorization: string | readonly string[] | undefined,
  request: R,
) => Judgement | Promise<Judgement>;

/** Reads what a request shows beside its token. Not asked about a token that is known to need nothing. */
export type ReadProof<R> = (request: R, scheme: TokenScheme) => RequestProof | undefined;

/** Makes a {@link SoonJudge} of a validator. */
export type OfferedJudge = <R>(readProof: ReadProof<R>) => SoonJudge<R>;

const offers = new WeakMap<Validator['judge'], OfferedJudge>();

/** Lets {@link soonestOf} have the judgements of `judge` without waiting for a promise. */
export function offerSoonest(judge: Validator['judge'], offer: OfferedJudge): void {
  offers.set(judge, offer);
}

/**
 * The judgements of a validator, as soon as they are there. It goes by the very function, so that the judge of an
 * application that wraps a validator's is never passed by. What that one returns is awaited, whatever kind of promise it is.
 *
 * @param readProof - absent: no request shows any.
 */
export function soonestOf<R = void>(
  validator: Pick<Validator, 'judge'>,
  readProof: ReadProof<R> = () => undefined,
): SoonJudge<R> {
  const offer = offers.get(validator.judge);
  if (offer !== undefined) return offer(readProof);
  return async (authorization, request) => {
    const presented = presentedToken(authorization);
    if (presented === undefined) return validator.judge(undefined);
    const { scheme } = presented;
    const proof = readProof(request, scheme);
    return validator.judge(cutOut(presented), proof === undefined ? { scheme } : { scheme, proof });
  };
}
