import { isVerifiedClass, type Judgement, UnavailableError } from '@crossfade/core';
import type { RequestProof, TokenScheme, Validator } from '@crossfade/validator';
import type { Census } from './census.ts';

/** What the sidecar needs of a validator. */
export type JudgingValidator = Pick<
  Validator,
  'judge' | 'judgeHeader' | 'acceptance' | 'brownout' | 'keys' | 'loadKeys' | 'close'
>;

/** Which judged tokens are noted: `all` while a side is still to be found, else those that are rejected. */
export type CensusScope = 'all' | 'rejected';

/**
 * Judges as `validator` does, and notes tokens in the census. With `rejected` an accepted token costs one comparison: the
 * meter counts it, and its issuer and audience are the plan's.
 */
export function withCensus(validator: JudgingValidator, census: Census, scope: CensusScope): JudgingValidator {
  const note = (authorization: string | readonly string[] | undefined, judgement: Judgement): Judgement => {
    if (judgement.outcome === 'rejected' || scope === 'all')
      census.note(authorization, isVerifiedClass(judgement.audience) ? 'verified' : 'unchecked');
    return judgement;
  };
  const noteUnjudged = (authorization: string | readonly string[] | undefined, error: unknown): never => {
    if (error instanceof UnavailableError) census.note(authorization, 'unchecked');
    throw error;
  };
  function judgeHeader<R>(
    authorization: string | readonly string[] | undefined,
    request?: R,
    readProof?: (request: R | undefined, scheme: TokenScheme) => RequestProof | undefined,
  ): Judgement | Promise<Judgement> {
    const judgement =
      readProof === undefined
        ? validator.judgeHeader(authorization, request as RequestProof | undefined)
        : validator.judgeHeader(authorization, request, readProof);
    if (!(judgement instanceof Promise)) return note(authorization, judgement);
    return judgement.then(
      (judged) => note(authorization, judged),
      (error: unknown) => noteUnjudged(authorization, error),
    );
  }
  return { ...validator, judgeHeader };
}

/**
 * Stands for a validator while the plan does not say yet what legacy is. No token can be judged: the phase is `prepare`, and
 * the census observer counts what arrives.
 */
export const UNCONFIGURED_VALIDATOR: JudgingValidator = {
  judge: judgeNothing,
  judgeHeader: judgeNothing,
  acceptance: () => 'legacy',
  brownout: () => null,
  keys: () => [],
  loadKeys: async () => undefined,
  close: () => undefined,
};

async function judgeNothing(): Promise<never> {
  throw new UnavailableError('the plan names no legacy side');
}
