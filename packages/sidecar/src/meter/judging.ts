import { type Judgement, rejectAccepted, UnavailableError } from '@crossfade/core';
import type { RequestProof, TokenScheme, Validator } from '@crossfade/validator';
import type { Durations } from '@crossfade/validator/meter';
import { otherPresentation } from './other-presentation.ts';

/** A judgement, or the reason why none is possible at the moment. */
export type JudgementResult = Judgement | UnavailableError;

/** Reads what a request shows besides its token, for a token that is bound to a key of its sender. */
export type ReadProof<R> = (request: R, scheme: TokenScheme) => RequestProof | undefined;

/** Judges tokens, measures how long it takes, and never throws nor rejects. */
export interface Judging {
  /** Nearly every request brings a known token, which is judged synchronously. */
  judge<R>(
    authorization: readonly string[],
    request: R,
    readProof?: ReadProof<R>,
    target?: string,
  ): JudgementResult | Promise<JudgementResult>;
  /** How many requests are being judged. */
  pending(): number;
}

/**
 * How many judgements may be pending at once: each holds its token while an issuer does not respond. Further requests
 * count as unavailable, which is what they would become.
 */
const MAX_PENDING = 10_000;

export function createJudging(validator: Pick<Validator, 'judge' | 'judgeHeader'>, durations: Durations): Judging {
  let pending = 0;

  const timed = (judgement: Judgement, startMs: number): Judgement => {
    durations.observe((performance.now() - startMs) / 1000);
    return judgement;
  };

  const judgeLater = async (judging: Promise<Judgement>, startMs: number): Promise<JudgementResult> => {
    pending += 1;
    try {
      return timed(await judging, startMs);
    } catch (error) {
      return unavailable(error);
    } finally {
      pending -= 1;
    }
  };

  const judgeElsewhere = (
    withoutToken: Judgement,
    authorization: readonly string[],
    target: string,
  ): Judgement | Promise<Judgement> => {
    const token = otherPresentation(authorization, target);
    if (token === undefined) return withoutToken;
    return validator
      .judge(token)
      .then((judged) => (judged.outcome === 'accepted' ? rejectAccepted(judged, MISSING_TOKEN) : judged));
  };

  return {
    judge(authorization, request, readProof = noProof, target) {
      if (pending >= MAX_PENDING) return new UnavailableError('too many judgements are pending');
      const startMs = performance.now();
      try {
        let judgement = validator.judgeHeader(authorization, request, readProof);
        if (target !== undefined && isWithoutToken(judgement))
          judgement = judgeElsewhere(judgement, authorization, target);
        return judgement instanceof Promise ? judgeLater(judgement, startMs) : timed(judgement, startMs);
      } catch (error) {
        return unavailable(error);
      }
    },
    pending: () => pending,
  };
}

const MISSING_TOKEN = { reason: 'missing_token' } as const;

function isWithoutToken(judgement: Judgement | Promise<Judgement>): judgement is Judgement {
  return !(judgement instanceof Promise) && judgement.audience === 'none';
}

function noProof(): undefined {}

/** A failure to judge is not the caller's fault, and must not reach the request. */
function unavailable(error: unknown): UnavailableError {
  return error instanceof UnavailableError ? error : new UnavailableError('judging failed', { cause: error });
}
