import { type Judgement, UnavailableError } from '@crossfade/core';
import type { CensusKind } from '@crossfade/core/status';
import type { RequestProof, TokenScheme, Validator } from '@crossfade/validator';
import type { Census } from './census.ts';

/** What the sidecar needs of a validator. */
export type JudgingValidator = Pick<Validator, 'judge' | 'judgeHeader' | 'acceptance' | 'keys' | 'close'>;

/** Which judged tokens are noted: `all` while a side is still to be found, else those that are rejected. */
export type CensusScope = 'all' | 'rejected';

/**
 * Judges as `validator` does, and notes tokens in the census. With `rejected` an accepted token costs one comparison: the
 * meter counts it, and its issuer and audience are the plan's.
 */
export function withCensus(validator: JudgingValidator, census: Census, scope: CensusScope): JudgingValidator {
  const note = (authorization: string | readonly string[] | undefined, judgement: Judgement): Judgement => {
    if (judgement.outcome === 'rejected' || scope === 'all')
      census.note(authorization, isVerified(judgement) ? 'verified' : 'unchecked');
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

function isVerified({ audience }: Judgement): boolean {
  return audience === 'legacy' || audience === 'target' || audience === 'bridge' || audience === 'foreign';
}

/**
 * Stands for a validator while the plan does not say yet what legacy is: no token can be judged, and all are noted. Each
 * counts as rejected, with the reason that a validator would give that knows no issuer.
 */
export function createUnconfiguredValidator(census: Census): JudgingValidator {
  const judgeHeader = (authorization: string | readonly string[] | undefined): Judgement =>
    judgementOf(census.note(authorization, 'unchecked'));
  return {
    judge: async (token) => judgeHeader(token === undefined ? undefined : `Bearer ${token}`),
    judgeHeader,
    acceptance: () => 'legacy',
    keys: () => [],
    close: () => undefined,
  };
}

const NO_TOKEN: Judgement = { outcome: 'rejected', audience: 'none', reason: 'missing_token' };
const OPAQUE: Judgement = { outcome: 'rejected', audience: 'opaque', reason: 'malformed_token' };
const MALFORMED: Judgement = { outcome: 'rejected', audience: 'invalid', reason: 'malformed_token' };
const TOO_LARGE: Judgement = { outcome: 'rejected', audience: 'invalid', reason: 'token_too_large' };
const UNKNOWN_ISSUER: Judgement = { outcome: 'rejected', audience: 'invalid', reason: 'wrong_issuer' };

function judgementOf(kind: CensusKind): Judgement {
  if (kind === 'none') return NO_TOKEN;
  if (kind === 'opaque') return OPAQUE;
  if (kind === 'malformed') return MALFORMED;
  return kind === 'too_large' ? TOO_LARGE : UNKNOWN_ISSUER;
}
