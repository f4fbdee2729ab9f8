import {
  BROWNOUT_PARAMETER,
  isScopeToken,
  type RejectedJudgement,
  type RejectionReason,
  type UnavailableError,
} from '@crossfade/core';

/** An HTTP response, ready to be written by any server. Header names are in lower case. */
export interface HttpRejection {
  readonly status: 401 | 403 | 503;
  readonly headers: Readonly<Record<string, string>>;
  /** A problem details object (RFC 9457) as JSON text. */
  readonly body: string;
}

const DETAIL = {
  missing_token: 'The request carries no access token.',
  malformed_token: 'The access token is malformed.',
  token_too_large: 'The access token is too large.',
  unsupported_algorithm: 'The access token is signed with an algorithm that is not allowed.',
  unknown_key: 'The access token is signed with an unknown key.',
  bad_signature: 'The signature of the access token is wrong.',
  wrong_issuer: 'The access token comes from an issuer that is not trusted here.',
  wrong_audience: 'The access token is meant for another audience.',
  foreign_audience: 'The access token is meant for other audiences too.',
  legacy_closed: 'The audience of the access token is no longer accepted: ask for a new token.',
  wrong_type: 'The token is not an access token of the expected type.',
  id_token: 'The token is an ID token, not an access token.',
  expired: 'The access token has expired.',
  not_yet_valid: 'The access token is not valid yet.',
  client_not_allowed: 'The client of the access token is not allowed.',
  claim_not_allowed: 'A claim of the access token is missing or not allowed.',
  insufficient_scope: 'The access token lacks a scope that is required here.',
  inactive: 'The access token is not active.',
  revoked: 'The access token was revoked.',
  proof_required: 'An access token that is bound to a key is needed here, with proof of possession of that key.',
  proof_invalid: 'The proof of possession is not valid.',
  brownout:
    'The audience of the access token will soon not be accepted, and is refused for a while: ask for a new token.',
} as const satisfies Record<RejectionReason, string>;

/**
 * The response to a rejected token: 401, or 403 when only scope is missing, with an RFC 6750 challenge, or an RFC 9449
 * one where DPoP was used or is required.
 * A wrong audience is 401 too, because clients fetch a new token on 401 and give up on 403.
 * @param resourceMetadata - the URL of the API's metadata, for the challenge to point to (RFC 9728 §5.1).
 */
export function rejectionResponse(judgement: RejectedJudgement, resourceMetadata?: string): HttpRejection {
  const { reason } = judgement;
  const status = reason === 'insufficient_scope' ? 403 : 401;
  const title = status === 403 ? 'Forbidden' : 'Unauthorized';
  return problem(
    status,
    title,
    DETAIL[reason],
    { reason },
    {
      'www-authenticate': challenge(judgement, resourceMetadata),
      ...(judgement.dpop?.nonce === undefined ? {} : { 'dpop-nonce': judgement.dpop.nonce }),
    },
  );
}

/** The response while a token cannot be judged: 503 with `Retry-After`, never 401, which would log callers out. */
export function unavailableResponse(error: UnavailableError): HttpRejection {
  const headers = { 'retry-after': String(Math.max(1, Math.ceil(error.retryAfterSeconds))) };
  return problem(503, 'Service Unavailable', 'The access token cannot be checked at the moment.', {}, headers);
}

function challenge(judgement: RejectedJudgement, resourceMetadata: string | undefined): string {
  const { dpop } = judgement;
  const parameters = errorParameters(judgement);
  if (dpop !== undefined) parameters.push(`algs="${dpop.algorithms.join(' ')}"`);
  if (resourceMetadata !== undefined) parameters.push(`resource_metadata="${resourceMetadata}"`);
  return [dpop === undefined ? 'Bearer' : 'DPoP', parameters.join(', ')].filter(Boolean).join(' ');
}

/** A request without a token gets a challenge without an error (RFC 6750 §3.1). */
function errorParameters({ reason, scope, dpop }: RejectedJudgement): string[] {
  if (reason === 'missing_token') return [];
  const description = `error_description="${DETAIL[reason]}"`;
  if (reason !== 'insufficient_scope') {
    const error = [`error="${dpop?.error ?? 'invalid_token'}"`, description];
    // By this a meter in front of the API knows that the token is valid, and that the refusal is wanted.
    return reason === 'brownout' ? [...error, `${BROWNOUT_PARAMETER}="brownout"`] : error;
  }
  // Anything else could break out of the quoted string.
  const needed = (scope ?? []).filter(isScopeToken).join(' ');
  return ['error="insufficient_scope"', description, `scope="${needed}"`];
}

function problem(
  status: HttpRejection['status'],
  title: string,
  detail: string,
  extension: Readonly<Record<string, string>>,
  headers: Readonly<Record<string, string>>,
): HttpRejection {
  return {
    status,
    headers: { ...headers, 'content-type': 'application/problem+json', 'cache-control': 'no-store' },
    body: JSON.stringify({ type: 'about:blank', title, status, detail, ...extension }),
  };
}
