import { CrossfadeError } from '@crossfade/core';

/** The session cannot be refreshed any more: send the user through a login. */
export class LoginRequiredError extends CrossfadeError {
  constructor(why: string) {
    super('login_required', `the user must log in again: ${why}`);
  }
}

/**
 * The provider refused the request: the client is misconfigured there, or the user declined. Contains no text of the
 * provider except the error code.
 */
export class GrantRefusedError extends CrossfadeError {
  /** The OAuth error code, such as `invalid_client` or `access_denied`. @see RFC 6749 §4.1.2.1 and §5.2 */
  readonly error: string;

  /** Whether the provider refuses the target side, so that the next request asks for legacy. */
  readonly fallsBack: boolean;

  constructor(what: string, error: string, { fallsBack = false }: { readonly fallsBack?: boolean } = {}) {
    const known = /^[a-z_]{1,64}$/.test(error) ? error : 'unreadable_error';
    super('grant_refused', `the provider refused ${what}: ${known}`);
    this.error = known;
    this.fallsBack = fallsBack;
  }
}

/** What a response is checked for. The names of parameters, claims and members are those of their specifications. */
export const RESPONSE_CHECKS = [
  // A callback.
  'state',
  'iss',
  'code',
  // An ID token or a logout token.
  'id_token',
  'alg',
  'signature',
  'typ',
  'aud',
  'azp',
  'exp',
  'iat',
  'nbf',
  'nonce',
  'sub',
  'sid',
  'auth_time',
  'events',
  // A token response.
  'access_token',
  'token_type',
  // Any response.
  'status',
  'response',
  'metadata',
] as const;
export type ResponseCheck = (typeof RESPONSE_CHECKS)[number];

/**
 * A response failed a check: a callback (`state`, `iss`) or an ID token (`nonce`, `aud`, times) that does not belong to
 * its login, or a response that violates its specification. Has no `cause`, which would contain tokens.
 */
export class InvalidResponseError extends CrossfadeError {
  /** The check that failed. */
  readonly check: ResponseCheck;

  constructor(what: string, check: ResponseCheck) {
    super('invalid_response', `the provider's response to ${what} failed a check: ${check}`);
    this.check = check;
  }
}
