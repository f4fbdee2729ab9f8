import type { webcrypto } from 'node:crypto';
import type { Configuration, DPoPOptions, TokenEndpointResponse } from 'openid-client';
import { dpopHandle, importDpopKey } from '../provider/dpop.ts';
import { InvalidResponseError } from '../provider/errors.ts';

/** How the requests of one session prove its key. */
export interface DpopBinding {
  /** For openid-client. */
  readonly options: DPoPOptions;
  /**
   * Refuses a token that is not bound to the key: it would be a bearer token in the hands of a thief.
   * @see RFC 9449 §5
   */
  check(response: TokenEndpointResponse, what: string): void;
}

const UNBOUND: DpopBinding = { options: {}, check() {} };

/** Binds requests to the key of a session, if it has one. */
export async function boundTo(
  key: webcrypto.JsonWebKey | undefined,
  configuration: Configuration,
): Promise<DpopBinding> {
  if (key === undefined) return UNBOUND;
  return {
    options: { DPoP: dpopHandle(configuration, await importDpopKey(key)) },
    check({ token_type }, what) {
      if (token_type !== 'dpop') throw new InvalidResponseError(what, 'token_type');
    },
  };
}
