import { rawHeaderValues } from '../http/raw-header-values.ts';
import type { TokenScheme } from './judgement-context.ts';
import { presentedToken, SEVERAL_HEADERS, tokenText } from './presented-token.ts';

/**
 * Reads the bearer token from the `Authorization` header, for `judge`, which checks it. Never reads tokens from a query
 * or a body (RFC 9700 §4.3.2).
 *
 * @param authorization - the header; all of its values if the request repeats it.
 * @returns the token; `undefined` without a header or with another scheme; {@link UNREADABLE_TOKEN} for repeated
 * headers or a scheme without a token.
 * @see RFC 6750 §2.1
 */
export function readBearerToken(authorization: string | readonly string[] | undefined): string | undefined {
  return readToken(authorization, 'Bearer');
}

/**
 * Like {@link readBearerToken}, for a token that comes with a proof of possession of its key.
 * @see RFC 9449 §7.1
 */
export function readDpopToken(authorization: string | readonly string[] | undefined): string | undefined {
  return readToken(authorization, 'DPoP');
}

function readToken(authorization: string | readonly string[] | undefined, scheme: TokenScheme): string | undefined {
  const presented = presentedToken(authorization);
  if (presented === undefined) return undefined;
  return presented.scheme === scheme || presented === SEVERAL_HEADERS ? tokenText(presented) : undefined;
}

/** Every `Authorization` value among the raw headers of a Node.js request, for {@link readBearerToken}. */
export function authorizationValues(rawHeaders: readonly string[]): readonly string[] {
  return rawHeaderValues(rawHeaders, 'authorization');
}
