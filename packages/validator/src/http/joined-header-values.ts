/** Credentials start with a scheme and a space; the parameters of a scheme never do (RFC 9110 §11.4). */
const NEXT_CREDENTIALS = /,\s*(?=[!#$%&'*+\-.^_`|~\dA-Za-z]+ )/;

/**
 * Splits `Authorization` values that were joined with commas, as `fetch` and API Gateway do with repeated headers
 * (RFC 9110 §5.2).
 */
export function joinedAuthorizationValues(joined: string): readonly string[] {
  return joined.split(NEXT_CREDENTIALS);
}

/** Splits joined values that contain no comma themselves: JWTs, certificates (RFC 9449 §4.1, RFC 9440 §2.1). */
export function joinedValues(joined: string): readonly string[] {
  return joined.split(',').map((value) => value.trim());
}
