import { ConfigError, type MigrationPlan, type Problem, SIDES, secretProblem } from '@crossfade/core';
import { isSecureUrl } from '@crossfade/core/schema';
import { DIALECTS } from '@crossfade/selector';
import type { Invocation } from '../verb/verb.ts';
import { defaultApi } from './default-api.ts';
import { type GivenTokens, readGivenTokens } from './given-tokens.ts';
import type { TokenClient } from './request-token.ts';

const SECRET_VARIABLE = 'CROSSFADE_CLIENT_SECRET';
/** The tokens that `verify` can be handed: of each side, and of kinds that every API has to refuse. */
const GIVEN = ['legacy', 'target', 'id', 'foreign'] as const;

export interface VerifyOptions {
  readonly given: GivenTokens;
  /** Absent where every token is given. */
  readonly client?: TokenClient;
  readonly apis: readonly string[];
  /** The plan's own sidecar, because no API was named. */
  readonly isDefaultApi: boolean;
  readonly asksSidecars: boolean;
}

/** Reads the options of `verify`. @throws `ConfigError` with every problem. */
export async function readVerifyOptions(plan: MigrationPlan, invocation: Invocation): Promise<VerifyOptions> {
  const { options, env } = invocation;
  const given = await readGivenTokens(invocation, GIVEN);
  const problems: Problem[] = [];
  const clientId = options.text('client-id');
  const variable = options.text('client-secret-env') ?? SECRET_VARIABLE;
  const lacking = SIDES.filter((side) => given[side] === undefined);
  if (clientId === undefined) {
    for (const side of lacking) {
      const message = `is required: a file with a ${side} token, or - for stdin; or --client-id, to get one by client credentials`;
      problems.push({ path: `--${side}-token-file`, message });
    }
  } else if (secretProblem(variable, env) !== undefined) {
    const state = env[variable] === undefined ? 'is not set' : 'is empty, or has a control character';
    const message = `${state}: set it to the secret of the client, or name another variable with --client-secret-env`;
    problems.push({ path: `environment variable ${variable}`, message });
  }
  const dialect = DIALECTS.find((name) => name === options.text('dialect'));
  if (options.given('dialect') && dialect === undefined)
    problems.push({ path: '--dialect', message: `must be one of ${DIALECTS.join(', ')}: that of your selector` });
  const named = options
    .text('api')
    ?.split(',')
    .map((url) => url.trim());
  const apis = named ?? defaultApi(plan);
  if (apis.length === 0) {
    problems.push({
      path: '--api',
      message: 'is required: the plan has no sidecar that serves the API; name the URL of a path that needs a token',
    });
  }
  for (const api of apis) {
    if (isSecureUrl(api) && !api.includes('#')) continue;
    const message =
      'must be an https URL without credentials and fragment (http on loopback only), or several, separated by commas';
    problems.push({ path: named === undefined ? 'sidecar.publicUrl' : '--api', message });
  }
  if (problems.length > 0) throw new ConfigError('verify', problems);
  const scope = Object.fromEntries(
    SIDES.flatMap((side) => {
      const text = options.text(`${side}-scope`);
      return text === undefined ? [] : [[side, text]];
    }),
  );
  return {
    given,
    ...(clientId !== undefined && {
      client: {
        clientId,
        clientSecret: env[variable] ?? '',
        scope,
        ...(dialect !== undefined && { dialect }),
        sendsAudience: options.given('audience-parameter'),
      },
    }),
    apis: [...new Set(apis)],
    isDefaultApi: named === undefined,
    asksSidecars: !options.given('without-sidecars'),
  };
}
