import { BadRequestException, InvalidParameterProblem } from '@aws-sdk/client-appconfigdata';
import { isRegionMissing, statusOf } from './aws-failure.ts';

/**
 * What a failed call means for the session:
 * - `session_over`: the token is used up, expired or not understood; a new session answers at once;
 * - `too_early`: the token is good, the poll came before its time;
 * - `not_found`: application, environment, profile or deployment does not exist (yet);
 * - `refused`: the request is wrong in a way that time alone won't mend;
 * - `denied`: the credentials don't do; the token is as good as before;
 * - `unconfigured`: the SDK found no region or no credentials, and sent nothing;
 * - `no_answer`: throttled, failed, timed out or not reached; the token may still be good.
 */
export type AppConfigFailure =
  | 'session_over'
  | 'too_early'
  | 'not_found'
  | 'refused'
  | 'denied'
  | 'unconfigured'
  | 'no_answer';

const WITHOUT_CREDENTIALS: readonly string[] = ['CredentialsProviderError', 'TokenProviderError'];

const { CORRUPTED, EXPIRED, POLL_INTERVAL_NOT_SATISFIED } = InvalidParameterProblem;

export function classifyFailure(error: unknown): AppConfigFailure {
  if (error instanceof BadRequestException) return classifyBadRequest(error);
  const status = statusOf(error);
  if (status === 404) return 'not_found';
  if (status === 401 || status === 403) return 'denied';
  if (status === 400) return 'refused';
  return isUnconfigured(error) ? 'unconfigured' : 'no_answer';
}

function isUnconfigured(error: unknown): boolean {
  return isRegionMissing(error) || (error instanceof Error && WITHOUT_CREDENTIALS.includes(error.name));
}

function classifyBadRequest({ Details }: BadRequestException): AppConfigFailure {
  const problems = Object.values(Details?.InvalidParameters ?? {}).map(({ Problem }) => Problem);
  if (problems.some((problem) => problem === EXPIRED || problem === CORRUPTED)) return 'session_over';
  return problems.includes(POLL_INTERVAL_NOT_SATISFIED) ? 'too_early' : 'refused';
}
