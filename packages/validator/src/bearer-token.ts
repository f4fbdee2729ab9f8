import { rawHeaderValues } from './raw-header-values.ts';

/**
 * Stands for an `Authorization` header that means to carry an access token but can't be read as one. No token can
 * equal it (RFC 6750 §2.1 has no space in a token), so `judge` answers it with `malformed_token`.
 */
export const UNREADABLE_TOKEN = ' ';

const BEARER = { usual: 'Bearer ', any: /^Bearer(?: +|$)/i };
const DPOP = { usual: 'DPoP ', any: /^DPoP(?: +|$)/i };
const SPACE = 0x20;

/**
 * Reads the bearer token out of the `Authorization` header, for `judge`. Tokens in a query or a body are none of
 * its business (RFC 9700 §4.3.2). Whether what it returns is a token at all, `judge` says.
 *
 * @param authorization - the header; all of its values where a request has several.
 * @returns the token; `undefined` without a header or with another scheme; {@link UNREADABLE_TOKEN} for several
 * headers or a scheme without a token.
 * @see RFC 6750 §2.1
 */
export function readBearerToken(authorization: string | readonly string[] | undefined): string | undefined {
  return readToken(authorization, BEARER);
}

/**
 * Like {@link readBearerToken}, for a token that comes with a proof of possession of its key.
 * @see RFC 9449 §7.1
 */
export function readDpopToken(authorization: string | readonly string[] | undefined): string | undefined {
  return readToken(authorization, DPOP);
}

function readToken(authorization: string | readonly string[] | undefined, scheme: typeof BEARER): string | undefined {
  if (authorization === undefined) return undefined;
  if (typeof authorization !== 'string') {
    return authorization.length > 1 ? UNREADABLE_TOKEN : readToken(authorization[0], scheme);
  }
  const { usual, any } = scheme;
  // Nearly every client writes it so, and an expression costs ten times as much.
  if (authorization.length > usual.length && authorization.slice(0, usual.length) === usual) {
    if (authorization.charCodeAt(usual.length) !== SPACE) return authorization.slice(usual.length);
  }
  const named = any.exec(authorization);
  if (named === null) return undefined;
  return authorization.slice(named[0].length) || UNREADABLE_TOKEN;
}

/** Every `Authorization` value among the raw headers of a Node.js request, for {@link readBearerToken}. */
export function authorizationValues(rawHeaders: readonly string[]): readonly string[] {
  return rawHeaderValues(rawHeaders, 'authorization');
}
