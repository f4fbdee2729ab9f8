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

/**
 * A response failed a check: a callback (`state`, `iss`) or an ID token (`nonce`, `aud`, times) that does not belong to
 * its login, or a response that violates its specification. Has no `cause`, which would contain tokens.
 */
export class InvalidResponseError extends CrossfadeError {
  constructor(what: string, check: string) {
    super('invalid_response', `the provider's response to ${what} failed a check: ${check}`);
  }
}
