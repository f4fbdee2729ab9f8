import { BadRequestException, InvalidParameterProblem } from '@aws-sdk/client-appconfigdata';
import { isRegionMissing, statusOf } from './aws-failure.ts';

/**
 * What a failed call means for the session:
 * - `session_over`: the token is used, expired or not understood; a new session works at once;
 * - `too_early`: the poll interval has not passed; the token is still good;
 * - `not_found`: application, environment, profile or deployment does not exist (yet);
 * - `refused`: the request is invalid; retrying does not help;
 * - `denied`: the credentials lack permission; the token is still good;
 * - `unconfigured`: the SDK found no region or no credentials and sent nothing;
 * - `unavailable`: throttled, failed, timed out or not reached; the token may still be good.
 */
export type AppConfigFailure =
  | 'session_over'
  | 'too_early'
  | 'not_found'
  | 'refused'
  | 'denied'
  | 'unconfigured'
  | 'unavailable';

const CREDENTIALS_ERRORS: readonly string[] = ['CredentialsProviderError', 'TokenProviderError'];

const { CORRUPTED, EXPIRED, POLL_INTERVAL_NOT_SATISFIED } = InvalidParameterProblem;

export function classifyFailure(error: unknown): AppConfigFailure {
  if (error instanceof BadRequestException) return classifyBadRequest(error);
  const status = statusOf(error);
  if (status === 404) return 'not_found';
  if (status === 401 || status === 403) return 'denied';
  if (status === 400) return 'refused';
  return isUnconfigured(error) ? 'unconfigured' : 'unavailable';
}

function isUnconfigured(error: unknown): boolean {
  return isRegionMissing(error) || (error instanceof Error && CREDENTIALS_ERRORS.includes(error.name));
}

function classifyBadRequest({ Details }: BadRequestException): AppConfigFailure {
  const problems = Object.values(Details?.InvalidParameters ?? {}).map(({ Problem }) => Problem);
  if (problems.some((problem) => problem === EXPIRED || problem === CORRUPTED)) return 'session_over';
  return problems.includes(POLL_INTERVAL_NOT_SATISFIED) ? 'too_early' : 'refused';
}
