import { CrossfadeError, errorCode, UnavailableError } from '@crossfade/core';
import {
  AuthorizationResponseError,
  ClientError,
  ResponseBodyError,
  WWWAuthenticateChallengeError,
} from 'openid-client';
import { GrantRefusedError, InvalidResponseError } from './errors.ts';
import { joseError } from './jose-error.ts';
import { responseCheck } from './response-check.ts';

/** Codes of openid-client for a provider that is down or cannot be reached. */
const OUTAGES: readonly unknown[] = ['OAUTH_TIMEOUT', 'OAUTH_ABORT', 'OAUTH_RESPONSE_IS_NOT_JSON', 'OAUTH_PARSE_ERROR'];
/** OAuth errors with the same meaning (RFC 6749 §4.1.2.1). */
const OUTAGE_ERRORS: readonly unknown[] = ['server_error', 'temporarily_unavailable'];

/**
 * Converts an error of openid-client to one of this package. Keeps the `cause` of failed connections only: the others
 * contain the provider's response with its tokens.
 * @param what the request that failed, as it reads after "the provider refused".
 */
export function providerError(error: unknown, what: string): unknown {
  const outage = () => new UnavailableError(unreachable(what));
  if (error instanceof ResponseBodyError) {
    return isOutage(error.response, error.error) ? outage() : new GrantRefusedError(what, error.error);
  }
  if (error instanceof AuthorizationResponseError) {
    return OUTAGE_ERRORS.includes(error.error)
      ? outage()
      : new GrantRefusedError(what, error.error, { endpoint: 'authorization' });
  }
  if (error instanceof WWWAuthenticateChallengeError) {
    return isOutage(error.response) ? outage() : new GrantRefusedError(what, challengeError(error));
  }
  if (error instanceof ClientError) {
    if (error.cause instanceof CrossfadeError) return error.cause;
    if (isOfFetch(error)) return new UnavailableError(unreachable(what), { cause: error.cause });
    const response = error.cause instanceof Response ? error.cause : undefined;
    if (isNoResponse(error) || (response && isOutage(response))) return outage();
    return new InvalidResponseError(what, responseCheck(error));
  }
  // Of what needs an endpoint that the metadata lacks, or has in a form that is not allowed.
  if (
    errorCode(error)?.endsWith('_SERVER_METADATA') ||
    (error as Error | undefined)?.name === 'OperationProcessingError'
  ) {
    return new InvalidResponseError(what, 'metadata');
  }
  // fetch reports a failed connection as a bare TypeError; those of openid-client have a code and mean a wrong call.
  if (error instanceof TypeError && errorCode(error) === undefined)
    return new UnavailableError(unreachable(what), { cause: error });
  return joseError(error, what);
}

/** Whether the application's own `fetch` threw something: openid-client passes it on without a code. */
function isOfFetch({ code, cause }: ClientError): boolean {
  return code === undefined && cause instanceof Error && cause.name !== 'OperationProcessingError';
}

/** Whether there is no response of the provider: a timeout, or a page of a proxy in front of it. */
function isNoResponse({ code, cause }: ClientError): boolean {
  // What cannot be parsed may also be a JWT, which is the provider's own.
  return OUTAGES.includes(code) && !(cause instanceof Error && cause.message.includes('JWT'));
}

/** The error code of a challenge, as of a userinfo endpoint (RFC 6750 §3.1). */
function challengeError({ cause }: WWWAuthenticateChallengeError): string {
  return cause.map(({ parameters }) => parameters['error']).find((error) => error !== undefined) ?? 'invalid_client';
}

function isOutage(response: Response, error?: string): boolean {
  return response.status === 429 || response.status >= 500 || OUTAGE_ERRORS.includes(error);
}

function unreachable(what: string): string {
  return `the provider cannot be reached for ${what}`;
}
