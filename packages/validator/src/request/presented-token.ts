import type { TokenScheme } from './judgement-context.ts';

/** A token where it stands in the text it came in, such as an `Authorization` header. */
export interface TokenSpan {
  readonly text: string;
  /** Where the token begins. It goes on to the end. */
  readonly start: number;
}

/** A token, and the scheme that it was presented with. */
export interface PresentedToken extends TokenSpan {
  readonly scheme: TokenScheme;
}

/**
 * Stands for an `Authorization` header that means to carry an access token but can't be read as one. No token can
 * equal it (RFC 6750 §2.1 has no space in a token), so `judge` answers it with `malformed_token`.
 */
export const UNREADABLE_TOKEN = ' ';

const BEARER = { scheme: 'Bearer', named: /^Bearer(?: +|$)/i } as const;
const DPOP = { scheme: 'DPoP', named: /^DPoP(?: +|$)/i } as const;
const UNREADABLE = { text: UNREADABLE_TOKEN, start: 0 } as const;
/** Whichever scheme is asked for: nobody can tell which of them would be meant. */
export const SEVERAL_HEADERS: PresentedToken = { ...UNREADABLE, scheme: 'Bearer' };

/**
 * Finds the access token in the `Authorization` header. Tokens in a query or a body are none of its business (RFC 9700
 * §4.3.2). Whether what it returns is a token at all, the validator says.
 *
 * @param authorization - the header; all of its values where a request has several.
 * @returns `undefined` without a header or with a scheme other than `Bearer` and `DPoP`; {@link UNREADABLE_TOKEN} for
 * several headers or a scheme without a token.
 * @see RFC 6750 §2.1, RFC 9449 §7.1
 */
export function presentedToken(authorization: string | readonly string[] | undefined): PresentedToken | undefined {
  if (authorization === undefined) return undefined;
  if (typeof authorization !== 'string') {
    return authorization.length > 1 ? SEVERAL_HEADERS : presentedToken(authorization[0]);
  }
  return presentedWith(BEARER, authorization) ?? presentedWith(DPOP, authorization);
}

/** The token alone. */
export function tokenText({ text, start }: TokenSpan): string {
  return start === 0 ? text : text.slice(start);
}

function presentedWith({ scheme, named }: typeof BEARER | typeof DPOP, text: string): PresentedToken | undefined {
  const start = named.exec(text)?.[0].length;
  if (start === undefined) return undefined;
  return start === text.length ? { ...UNREADABLE, scheme } : { text, start, scheme };
}
