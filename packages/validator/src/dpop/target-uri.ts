/** What a URI may be made of (RFC 3986 §2). The parser is more forgiving: it drops line breaks and turns backslashes. */
const URI = /^https?:[\w\-.~:/?#[\]@!$&'()*+,;=%]+$/i;
const ESCAPE = /%[0-9a-f]{2}/gi;
const UNRESERVED = /[\w\-.~]/;

/**
 * The one spelling of an http(s) URI without query and fragment (RFC 3986 §6.2.2, §6.2.3), to compare a proof's `htu`
 * with the request's target (RFC 9449 §4.3).
 * @returns `undefined` for what is no such URI, or carries credentials.
 */
export function normalTargetUri(uri: string): string | undefined {
  if (!URI.test(uri) || !URL.canParse(uri)) return undefined;
  const { origin, pathname, username, password } = new URL(uri);
  if (username !== '' || password !== '') return undefined;
  return origin + pathname.replace(ESCAPE, normalEscape);
}

function normalEscape(triplet: string): string {
  const character = String.fromCharCode(Number.parseInt(triplet.slice(1), 16));
  return UNRESERVED.test(character) ? character : triplet.toUpperCase();
}
