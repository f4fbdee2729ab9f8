import { CrossfadeError } from '@crossfade/core';

/**
 * Only a login gives the user a token.
 * @remarks Send the browser through a login; `endsSession` says whether to delete the session.
 */
export class LoginRequiredError extends CrossfadeError {
  /**
   * Whether the session has ended at the provider, or became another user's: delete it. Otherwise it stays: it has its identity,
   * and no token.
   */
  readonly endsSession: boolean;

  constructor(why: string, { endsSession = false }: { readonly endsSession?: boolean } = {}) {
    super('login_required', `the user must log in again: ${why}`);
    this.endsSession = endsSession;
  }

  /** What Fastify and Express respond with where a handler lets it through. */
  get statusCode(): number {
    return 401;
  }
}

/** The endpoint that refused a request: of the authorization endpoint the refusal arrives with the callback. */
export type RefusingEndpoint = 'authorization' | 'token';

export interface GrantRefusal {
  /** Default: `token`. */
  readonly endpoint?: RefusingEndpoint;
  readonly fallsBack?: boolean;
  /** The provider refuses the target side, and legacy is no longer accepted. */
  readonly isLegacyClosed?: boolean;
}

/**
 * The provider refused the request: the client is misconfigured there, or the user declined. Contains no text of the
 * provider except the error code.
 * @remarks Look `error` up (RFC 6749 §4.1.2.1 and §5.2): the client's settings at the provider are wrong, or, by `isDeclined`,
 * the user said no. With `fallsBack` start again, for legacy.
 */
export class GrantRefusedError extends CrossfadeError {
  /** The OAuth error code, such as `invalid_client` or `access_denied`. @see RFC 6749 §4.1.2.1 and §5.2 */
  readonly error: string;

  readonly endpoint: RefusingEndpoint;

  /** Whether the provider refuses the target side, so that the next request asks for legacy. */
  readonly fallsBack: boolean;

  constructor(what: string, error: string, refusal: GrantRefusal = {}) {
    const { endpoint = 'token', fallsBack = false, isLegacyClosed = false } = refusal;
    const known = /^[a-z_]{1,64}$/.test(error) ? error : 'unreadable_error';
    const closed = isLegacyClosed ? ' (the target side; legacy is closed, so that it is not requested instead)' : '';
    super('grant_refused', `the provider refused ${what}: ${known}${closed}`);
    this.error = known;
    this.endpoint = endpoint;
    this.fallsBack = fallsBack;
  }

  /** Whether the user said no, rather than the provider. */
  get isDeclined(): boolean {
    return this.endpoint === 'authorization' && this.error === 'access_denied';
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
 * @remarks Drop the login; `check` names what failed.
 */
export class InvalidResponseError extends CrossfadeError {
  /** The check that failed. */
  readonly check: ResponseCheck;

  constructor(what: string, check: ResponseCheck) {
    super('invalid_response', `the provider's response to ${what} failed a check: ${check}`);
    this.check = check;
  }
}
