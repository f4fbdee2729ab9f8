/** A credential starts with the name of its scheme and a space, which no parameter of another one does (RFC 9110 §11.4). */
const NEXT_CREDENTIALS = /,\s*(?=[!#$%&'*+\-.^_`|~\dA-Za-z]+ )/;

/**
 * Takes `Authorization` values apart that something on the way joined with commas, as `fetch` and API Gateway do
 * with headers that come more than once (RFC 9110 §5.2).
 */
export function joinedAuthorizationValues(joined: string): readonly string[] {
  return joined.split(NEXT_CREDENTIALS);
}

/** No comma is part of a single value of the header: not of a JWT, nor of a certificate (RFC 9449 §4.1, RFC 9440 §2.1). */
export function joinedValues(joined: string): readonly string[] {
  return joined.split(',').map((value) => value.trim());
}
