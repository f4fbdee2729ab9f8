import { CrossfadeError } from '@crossfade/core';

/**
 * An answer fails a check: a callback that does not belong to its login (`state`, `iss`), an ID token that does not
 * (`nonce`, `aud`, times), or a response that is not what its specification says. Has no `cause`: it would hold tokens.
 */
export class InvalidResponseError extends CrossfadeError {
  constructor(what: string, check: string) {
    super('invalid_response', `the provider's answer to ${what} fails a check: ${check}`);
  }
}
