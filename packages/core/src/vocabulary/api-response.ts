import type { AcceptedJudgement, RejectedJudgement } from './judgement.ts';
import type { RejectionReason } from './rejection-reason.ts';
import type { Side } from './side.ts';

/** What an API's response says about the access token of its request. */
export type ApiVerdict = 'taken' | 'refused' | 'unclear';

/** The parts of an API's final response that say something about the token. */
export interface ApiResponse {
  /** The HTTP status. */
  readonly status: number;
  /** `Content-Type`: with gRPC, the HTTP status says nothing. */
  readonly contentType?: string | undefined;
  /** `grpc-status`, of the header section or the trailers. */
  readonly grpcStatus?: string | undefined;
  /** Every `WWW-Authenticate`, joined with commas (RFC 9110 §5.3). */
  readonly wwwAuthenticate?: string | undefined;
}

const GRPC = /^\s*application\/grpc/i;
/** An auth-param (RFC 9110 §11.2). A quoted string is one value, so that nothing inside it counts. */
const AUTH_PARAMETER = /(?<![\w!#$%&'*+.^`|~-])([\w!#$%&'*+.^`|~-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))/g;

const INVALID_TOKEN = ['invalid_token'];
/** Errors of a 401 to a token that may be fine. */
/** The parameter by which the challenge of a brownout differs from others (RFC 6750 §3 allows further ones). */
export const BROWNOUT_PARAMETER = 'reason';
const BROWNOUT_REASON: readonly string[] = ['brownout'] satisfies readonly RejectionReason[];
const BESIDES_THE_TOKEN = ['use_dpop_nonce', 'invalid_dpop_proof', 'insufficient_user_authentication'];

/** Whether responses of this media type are gRPC, or gRPC-Web, whose outcome is in `grpc-status`. */
export function isGrpc(contentType: string | undefined): boolean {
  return contentType !== undefined && GRPC.test(contentType);
}

/**
 * Reads whether an API took the token of a request. *Taken*: 2xx, or 101; with gRPC, `grpc-status` 0. *Refused*: 401,
 * gRPC status 16, or 403 with `error="invalid_token"`, as Envoy's JWT filter refuses an audience. Everything else is
 * *unclear*: a redirect, a 404 or a 5xx may come before the API looks at the token. So is gRPC-Web, which hides its
 * trailers in the body, unless `grpc-status` is a header.
 *
 * A 401 that names what is missing besides the token says nothing of the token: a DPoP nonce or proof, or a fresher login.
 * Nor does one of a brownout, which refuses valid tokens for a while.
 *
 * @see RFC 6750 §3.1, RFC 9449 §7.1 and §9, RFC 9470 §3; gRPC over HTTP2, Responses
 */
export function readApiResponse({ status, contentType, grpcStatus, wwwAuthenticate }: ApiResponse): ApiVerdict {
  if (status === 101) return 'taken';
  if (status >= 200 && status < 300) return isGrpc(contentType) ? readGrpcStatus(grpcStatus) : 'taken';
  if (status === 401) return isBesidesTheToken(wwwAuthenticate) ? 'unclear' : 'refused';
  return status === 403 && names(wwwAuthenticate, 'error', INVALID_TOKEN) ? 'refused' : 'unclear';
}

/** 0 is OK, 16 is UNAUTHENTICATED. */
function readGrpcStatus(grpcStatus: string | undefined): ApiVerdict {
  switch (grpcStatus?.trim()) {
    case '0':
      return 'taken';
    case '16':
      return 'refused';
    default:
      return 'unclear';
  }
}

function isBesidesTheToken(challenges: string | undefined): boolean {
  return names(challenges, 'error', BESIDES_THE_TOKEN) || names(challenges, BROWNOUT_PARAMETER, BROWNOUT_REASON);
}

function names(challenges = '', parameter: string, codes: readonly string[]): boolean {
  for (const [, name, quoted, token] of challenges.matchAll(AUTH_PARAMETER)) {
    if (name?.toLowerCase() === parameter && codes.some((code) => code === (quoted ?? token))) return true;
  }
  return false;
}

/**
 * The side for which a token was judged valid, or would be while both audiences are open. A bridge token is of neither:
 * for which of its audiences the API takes it, a response does not show.
 */
export function sideOfValidToken(
  judgement:
    | Pick<AcceptedJudgement, 'outcome' | 'audience'>
    | Pick<RejectedJudgement, 'outcome' | 'audience' | 'reason'>,
): Side | undefined {
  if (judgement.outcome === 'rejected') return judgement.reason === 'legacy_closed' ? 'legacy' : undefined;
  return judgement.audience === 'bridge' ? undefined : judgement.audience;
}
