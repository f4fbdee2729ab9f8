import type { MigrationPlan } from '@crossfade/core';
import { isSecureUrl } from '@crossfade/core/schema';
import { type ApiResult, askApi } from '../probe/api-request.ts';
import { displayUrl } from '../verb/http-json.ts';
import { forgeTokens } from './forged-tokens.ts';

/** What an API responded to each request of doctor. */
export interface ApiProbe {
  readonly api: string;
  readonly bare: ApiResult;
  readonly forged: ApiResult;
  readonly unsigned: ApiResult;
  /** Absent where no such token was given. */
  readonly target?: ApiResult;
  readonly id?: ApiResult;
}

export interface ProbeTools {
  readonly apis: readonly string[];
  readonly targetToken: string | undefined;
  readonly idToken: string | undefined;
  readonly now: () => number;
  readonly signal: AbortSignal;
}

/** Asks every API without a token, with forged ones and, over https or on loopback, with those that were given. */
export function probeApis(plan: MigrationPlan, tools: ProbeTools): Promise<readonly ApiProbe[]> {
  return Promise.all(tools.apis.map((url) => probe(plan, url, tools)));
}

async function probe(
  plan: MigrationPlan,
  url: string,
  { targetToken, idToken, now, signal }: ProbeTools,
): Promise<ApiProbe> {
  const { foreignKey, unsigned } = forgeTokens(plan, now());
  const mayGetTokens = isSecureUrl(url);
  const ask = (token?: string) => askApi(url, token, signal);
  const bare = await ask();
  // One that does not respond is not asked again: each request would take as long.
  if ('failure' in bare) return { api: displayUrl(url), bare, forged: bare, unsigned: bare };
  return {
    api: displayUrl(url),
    bare,
    forged: await ask(foreignKey),
    unsigned: await ask(unsigned),
    ...(mayGetTokens && targetToken !== undefined && { target: await ask(targetToken) }),
    ...(mayGetTokens && idToken !== undefined && { id: await ask(idToken) }),
  };
}
