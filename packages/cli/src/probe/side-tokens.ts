import type { Judgement, MigrationPlan, Side } from '@crossfade/core';
import { createValidator, validatorOptions } from '@crossfade/validator';
import type { Invocation } from '../verb/verb.ts';
import { createKeyMemory } from './key-memory.ts';
import type { TokenClient } from './request-token.ts';

/** The token that was got for a side, and what it turned out to be. */
export interface SideToken {
  readonly side: Side;
  readonly token: string | undefined;
  readonly judgement: Judgement | undefined;
  /** What is wrong with it, and what to do; absent if nothing is. */
  readonly finding?: string;
}

/** Judges tokens by the plan, as the APIs should. */
export interface PlanJudge {
  judge(token: string): Promise<Judgement>;
  close(): void;
}

export function createPlanJudge(
  plan: MigrationPlan,
  acceptance: 'both' | 'target',
  { env, now }: Pick<Invocation, 'env' | 'now'>,
): PlanJudge {
  const validator = createValidator({ ...validatorOptions(plan, env), acceptance, keyStore: createKeyMemory(), now });
  return { judge: (token) => validator.judge(token), close: () => validator.close() };
}

/**
 * Gets the token of a side, unless it is given, and compares what was asked for with what came.
 * @throws `UnavailableError` when the provider or its keys cannot be reached.
 */
export async function sideToken(
  side: Side,
  plan: MigrationPlan,
  {
    given,
    client,
    judge,
    signal,
  }: {
    readonly given: string | undefined;
    readonly client: TokenClient | undefined;
    readonly judge: PlanJudge;
    readonly signal: AbortSignal;
  },
): Promise<SideToken> {
  let token = given;
  if (token === undefined) {
    if (client === undefined) return { side, token, judgement: undefined };
    // Loads openid-client only where a token has to be requested.
    const { requestToken } = await import('./request-token.ts');
    const requested = await requestToken(side, plan[side], client, signal);
    if ('refusal' in requested) {
      const finding = `the provider refuses a token for ${side}: ${requested.refusal}; check the client, and scope and resource of the ${side} side`;
      return { side, token, judgement: undefined, finding };
    }
    token = requested.token;
  }
  const judgement = await judge.judge(token);
  const finding = mintFinding(side, judgement, given === undefined);
  return { side, token, judgement, ...(finding !== undefined && { finding }) };
}

function mintFinding(side: Side, judgement: Judgement, isRequested: boolean): string | undefined {
  const { audience } = judgement;
  const got = isRequested ? `asked for ${side}, got` : `the ${side} token is`;
  if (audience !== side && audience !== 'bridge') {
    const remedy = isRequested
      ? `the provider ignores what asks for ${side}, or maps it to its default: check scope, resource and the dialect (--dialect), and allow the client that API at the provider`
      : 'give a token that was issued for that side; crossfade inspect - says what it is';
    return `${got} ${audience === 'invalid' || audience === 'opaque' ? `a token that the plan cannot verify (${reasonOf(judgement)})` : `a token for ${audience}`}: ${remedy}`;
  }
  if (judgement.outcome === 'accepted' || judgement.reason === 'legacy_closed') return undefined;
  return `${got} a token that the plan refuses: ${judgement.reason}; crossfade inspect - says why`;
}

function reasonOf(judgement: Judgement): string {
  return judgement.outcome === 'rejected' ? judgement.reason : judgement.outcome;
}

/** Breaks the signature of a JWT; of an opaque token, its middle. */
export function alterToken(token: string): string {
  const at = token.includes('.') ? token.lastIndexOf('.') + 4 : Math.floor(token.length / 2);
  return `${token.slice(0, at)}${token[at] === 'A' ? 'B' : 'A'}${token.slice(at + 1)}`;
}
