import type { TokenScheme } from './judgement-context.ts';

/** A token inside a longer text, such as an `Authorization` header. */
export interface TokenSpan {
  readonly text: string;
  /** Where the token begins. It extends to the end of the text. */
  readonly start: number;
}

/** A token, and the scheme that it was presented with. */
export interface PresentedToken extends TokenSpan {
  readonly scheme: TokenScheme;
}

/**
 * Stands for an `Authorization` header with a token scheme but no readable token. No token can equal it (RFC 6750 §2.1
 * allows no space), so `judge` rejects it with `malformed_token`.
 */
export const UNREADABLE_TOKEN = ' ';

const BEARER = { scheme: 'Bearer', prefix: /^Bearer(?: +|$)/i } as const;
const DPOP = { scheme: 'DPoP', prefix: /^DPoP(?: +|$)/i } as const;
const UNREADABLE = { text: UNREADABLE_TOKEN, start: 0 } as const;
/** Matches every scheme: the request does not say which header counts. */
export const SEVERAL_HEADERS: PresentedToken = { ...UNREADABLE, scheme: 'Bearer' };

/**
 * Finds the access token in the `Authorization` header; the validator checks it. Never reads tokens from a query or a
 * body (RFC 9700 §4.3.2).
 *
 * @param authorization - the header; all of its values if the request repeats it.
 * @returns `undefined` without a header or with a scheme other than `Bearer` and `DPoP`; {@link UNREADABLE_TOKEN} for
 * repeated headers or a scheme without a token.
 * @see RFC 6750 §2.1, RFC 9449 §7.1
 */
export function presentedToken(authorization: string | readonly string[] | undefined): PresentedToken | undefined {
  if (authorization === undefined) return undefined;
  if (typeof authorization !== 'string') {
    return authorization.length > 1 ? SEVERAL_HEADERS : presentedToken(authorization[0]);
  }
  return presentedWith(BEARER, authorization) ?? presentedWith(DPOP, authorization);
}

/** The token itself. */
export function tokenText({ text, start }: TokenSpan): string {
  return start === 0 ? text : text.slice(start);
}

function presentedWith({ scheme, prefix }: typeof BEARER | typeof DPOP, text: string): PresentedToken | undefined {
  const start = prefix.exec(text)?.[0].length;
  if (start === undefined) return undefined;
  return start === text.length ? { ...UNREADABLE, scheme } : { text, start, scheme };
}
