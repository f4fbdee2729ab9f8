import type { Judgement } from '@crossfade/core';
import type { JudgementContext, RequestProof, TokenScheme } from '../request/judgement-context.ts';
import { presentedToken, tokenText } from '../request/presented-token.ts';

/** Judges a header by the `judge` of an application that wraps a validator; awaits whatever kind of promise it returns. */
export async function judgeThrough<R>(
  validator: { judge(token: string | undefined, context?: JudgementContext): Promise<Judgement> },
  authorization: string | readonly string[] | undefined,
  request: R,
  readProof: ReadProof<R>,
): Promise<Judgement> {
  const presented = presentedToken(authorization);
  if (presented === undefined) return validator.judge(undefined);
  const { scheme } = presented;
  const proof = readProof(request, scheme);
  return validator.judge(tokenText(presented), proof === undefined ? { scheme } : { scheme, proof });
}

export type ReadProof<R> = (request: R, scheme: TokenScheme) => RequestProof | undefined;

/** Reads the proof of a caller that has it at hand. */
export const givenProof: ReadProof<RequestProof | undefined> = (proof) => proof;
