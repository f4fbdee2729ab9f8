import { UnavailableError } from '@crossfade/core';
import { errors } from 'jose';
import { InvalidResponseError, RESPONSE_CHECKS, type ResponseCheck } from './errors.ts';

const BY_CODE: Readonly<Record<string, ResponseCheck>> = {
  ERR_JOSE_ALG_NOT_ALLOWED: 'alg',
  ERR_JOSE_NOT_SUPPORTED: 'alg',
  ERR_JWS_SIGNATURE_VERIFICATION_FAILED: 'signature',
  ERR_JWKS_NO_MATCHING_KEY: 'signature',
  ERR_JWKS_MULTIPLE_MATCHING_KEYS: 'signature',
};

/** Converts an error of `jose`, whose properties may contain claims, to one of this package; other errors remain. */
export function joseError(error: unknown, what: string): unknown {
  if (!(error instanceof errors.JOSEError)) return error;
  // The key set did not arrive: jose has a code for the timeout, and the generic one for another status or no JSON.
  if (error instanceof errors.JWKSTimeout || error.code === 'ERR_JOSE_GENERIC') {
    return new UnavailableError(`the provider's keys cannot be fetched for ${what}`);
  }
  return new InvalidResponseError(what, claimCheck(error) ?? BY_CODE[error.code] ?? 'response');
}

function claimCheck(error: errors.JOSEError): ResponseCheck | undefined {
  if (!(error instanceof errors.JWTClaimValidationFailed || error instanceof errors.JWTExpired)) return undefined;
  return RESPONSE_CHECKS.find((check) => check === error.claim);
}
