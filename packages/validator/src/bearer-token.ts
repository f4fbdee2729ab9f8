/**
 * Stands for an `Authorization` header that means to carry a bearer token but can't be read as one. No token can
 * equal it (RFC 6750 §2.1 has no space in a token), so `judge` answers it with `malformed_token`.
 */
export const UNREADABLE_TOKEN = ' ';

const SCHEME = /^Bearer(?: +|$)/i;

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
  if (authorization === undefined) return undefined;
  if (typeof authorization !== 'string') {
    return authorization.length > 1 ? UNREADABLE_TOKEN : readBearerToken(authorization[0]);
  }
  const scheme = SCHEME.exec(authorization);
  if (scheme === null) return undefined;
  return authorization.slice(scheme[0].length) || UNREADABLE_TOKEN;
}

/**
 * Every `Authorization` value among the raw headers of a Node.js request, for {@link readBearerToken}.
 * `request.headers` silently keeps the first of several, so the next hop could read another one than we judged.
 */
export function authorizationValues(rawHeaders: readonly string[]): readonly string[] {
  const values: string[] = [];
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const name = rawHeaders[index];
    if (name?.length === 13 && name.toLowerCase() === 'authorization') values.push(rawHeaders[index + 1] ?? '');
  }
  return values;
}
