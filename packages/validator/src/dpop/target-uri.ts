/** The characters of a URI (RFC 3986 §2). `URL` is more lenient: it drops line breaks and converts backslashes. */
const URI = /^https?:[\w\-.~:/?#[\]@!$&'()*+,;=%]+$/i;
const ESCAPE = /%[0-9a-f]{2}/gi;
const UNRESERVED = /[\w\-.~]/;

/**
 * Normalizes an http(s) URI and drops its query and fragment (RFC 3986 §6.2.2, §6.2.3), to compare a proof's `htu` with
 * the request's target (RFC 9449 §4.3).
 * @returns `undefined` for any other text, and for a URI with credentials.
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
