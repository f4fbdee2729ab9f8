/** A JWT anywhere in a text: both of its JSON parts begin with a brace. */
const JWT = /(?<![\w.-])eyJ[\w-]*\.eyJ[\w-]*\.[\w-]+(?![\w.-])/;
/** RFC 6750 §2.3. */
const QUERY_PARAMETER = /[?&]access_token=([^&#]+)/;

/**
 * Finds a token that is presented in a way that our validator ignores and an API may accept: under another scheme, or
 * none, in the `Authorization` header, or in the query (RFC 6750 §2.3). For observation only.
 * @param target the request target (RFC 9112 §3.2).
 */
export function otherPresentation(authorization: readonly string[], target: string): string | undefined {
  for (const value of authorization) {
    const [token] = JWT.exec(value) ?? [];
    if (token !== undefined) return token;
  }
  const [, parameter] = QUERY_PARAMETER.exec(target) ?? [];
  return parameter === undefined ? undefined : decode(parameter);
}

function decode(parameter: string): string | undefined {
  try {
    return decodeURIComponent(parameter);
  } catch {
    return undefined;
  }
}
