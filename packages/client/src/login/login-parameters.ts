import { ConfigError, type Problem } from '@crossfade/core';
import type { LoginRequest } from './browser-login.ts';

/** Parameters of the authorization request that a login sets, or that would change how its response arrives. */
const OWN_PARAMETERS: readonly string[] = [
  'client_id',
  'redirect_uri',
  'response_type',
  'response_mode',
  'state',
  'nonce',
  'code_challenge',
  'code_challenge_method',
  'dpop_jkt',
  'request',
  'request_uri',
];
/** Those by which the side is asked for: the selector sets them. */
const SIDE_PARAMETERS: readonly string[] = ['scope', 'resource', 'audience'];
/** Those that have an option. */
const OPTIONS: Readonly<Record<string, string>> = {
  prompt: 'prompt',
  login_hint: 'loginHint',
  max_age: 'maxAge',
  acr_values: 'acrValues',
};

/**
 * Returns what a request adds to the authorization request.
 * @throws {@link ConfigError} with every problem of the request.
 * @see OIDC Core §3.1.2.1
 */
export function loginParameters(request: LoginRequest, scope: string | undefined): Readonly<Record<string, string>> {
  const problems = requestProblems(request, scope);
  if (problems.length > 0) throw new ConfigError('login', problems);
  const { prompt, loginHint, maxAge, acrValues, parameters = {} } = request;
  return {
    ...parameters,
    ...(prompt !== undefined && { prompt }),
    ...(loginHint !== undefined && { login_hint: loginHint }),
    ...(maxAge !== undefined && { max_age: String(maxAge) }),
    ...(acrValues !== undefined && { acr_values: acrValues }),
  };
}

function requestProblems({ maxAge, parameters = {}, ...texts }: LoginRequest, scope: string | undefined): Problem[] {
  const problems: Problem[] = [];
  const report = (path: string, message: string) => problems.push({ path, message });
  for (const name of ['prompt', 'loginHint', 'acrValues'] as const) {
    if (texts[name] !== undefined && typeof texts[name] !== 'string') report(name, 'must be a text');
  }
  if (maxAge !== undefined && !(Number.isSafeInteger(maxAge) && maxAge >= 0)) {
    report('maxAge', 'must be a whole number of seconds, 0 or more');
  } else if (maxAge !== undefined && !asksForIdToken(scope)) {
    report('maxAge', 'needs the scope openid: only an ID token says when the user authenticated');
  }
  for (const [name, value] of Object.entries(parameters)) {
    const option = OPTIONS[name];
    if (OWN_PARAMETERS.includes(name)) report(`parameters.${name}`, 'must be left out: the login sets it');
    else if (SIDE_PARAMETERS.includes(name)) report(`parameters.${name}`, 'must be left out: the selector sets it');
    else if (option !== undefined) report(`parameters.${name}`, `must be left out: use the option ${option}`);
    else if (typeof value !== 'string') report(`parameters.${name}`, 'must be a text');
  }
  return problems;
}

/** Without `openid` the provider issues no ID token (OIDC Core §3.1.2.1). */
export function asksForIdToken(scope: string | undefined): boolean {
  return scope?.split(' ').includes('openid') ?? false;
}
