import { CrossfadeError } from '@crossfade/core';

/**
 * The provider understood the request and said no: the client is misconfigured there, or the user declined.
 * Carries none of the provider's prose.
 */
export class GrantRefusedError extends CrossfadeError {
  /** The OAuth error code, such as `invalid_client` or `access_denied`. @see RFC 6749 §4.1.2.1 and §5.2 */
  readonly error: string;

  constructor(what: string, error: string) {
    const known = /^[a-z_]{1,64}$/.test(error) ? error : 'unreadable_error';
    super('grant_refused', `the provider refused ${what}: ${known}`);
    this.error = known;
  }
}
