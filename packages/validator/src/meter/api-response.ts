import { type ApiVerdict, type Judgement, sideOfValidToken } from '@crossfade/core';
import type { Meter } from './meter.ts';

/**
 * Counts what an API's response to a judged token says about it.
 * @returns whether the API took a token that was judged invalid.
 */
export function countApiResponse(
  meter: Pick<Meter, 'countValidUnauthorized' | 'countDisagreement' | 'noteApiResponse'>,
  judgement: Judgement,
  verdict: ApiVerdict,
  nowMs: number,
): boolean {
  if (verdict === 'unclear') return false;
  // Without a token there is nothing that the API could have taken.
  const disagrees = judgement.outcome === 'rejected' && verdict === 'taken' && judgement.audience !== 'none';
  if (disagrees) meter.countDisagreement(judgement, nowMs);
  if (judgement.outcome === 'accepted' && verdict === 'refused')
    meter.countValidUnauthorized(judgement.audience, nowMs);
  const side = sideOfValidToken(judgement);
  if (side !== undefined) meter.noteApiResponse(side, verdict === 'taken' ? 'accepted' : 'unauthorized', nowMs);
  return disagrees;
}
