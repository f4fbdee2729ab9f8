import { BadRequestException, InvalidParameterProblem } from '@aws-sdk/client-appconfigdata';
import { statusOf } from './aws-failure.ts';

/**
 * What a failed call means for the session:
 * - `session_over`: the token is used up, expired or not understood; a new session answers at once;
 * - `too_early`: the token is good, the poll came before its time;
 * - `not_found`: application, environment, profile or deployment does not exist (yet);
 * - `refused`: the request is wrong in a way that time alone won't mend;
 * - `no_answer`: throttled, failed, timed out or not reached; the token may still be good.
 */
export type AppConfigFailure = 'session_over' | 'too_early' | 'not_found' | 'refused' | 'no_answer';

const { CORRUPTED, EXPIRED, POLL_INTERVAL_NOT_SATISFIED } = InvalidParameterProblem;

export function classifyFailure(error: unknown): AppConfigFailure {
  if (error instanceof BadRequestException) return classifyBadRequest(error);
  const status = statusOf(error);
  if (status === 404) return 'not_found';
  return status === 400 ? 'refused' : 'no_answer';
}

function classifyBadRequest({ Details }: BadRequestException): AppConfigFailure {
  const problems = Object.values(Details?.InvalidParameters ?? {}).map(({ Problem }) => Problem);
  if (problems.some((problem) => problem === EXPIRED || problem === CORRUPTED)) return 'session_over';
  return problems.includes(POLL_INTERVAL_NOT_SATISFIED) ? 'too_early' : 'refused';
}
