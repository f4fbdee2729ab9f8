const MAX_LENGTH = 2048;
/** Browsers remove some control characters from a URL, and read `\` as `/`. */
const UNSAFE = /[\p{Cc}\\]/u;
/** A path that a browser, or a server that decodes it, takes for a host, and one that hides a control character. */
const UNSAFE_PATH = /^\/(?:\/|%2f|%5c)|%(?:[01]|7f)/i;

/**
 * Returns the path, query and fragment of the application to go to after a login; `undefined` for whatever leads elsewhere:
 * to another origin, or to the routes below `prefix`, where a login would lead to the next one.
 */
export function safeReturnTo(value: string, publicUrl: string, prefix: string): string | undefined {
  if (value.length > MAX_LENGTH || UNSAFE.test(value)) return undefined;
  if (!value.startsWith('/') && !value.startsWith(`${publicUrl}/`)) return undefined;
  if (!URL.canParse(value, publicUrl)) return undefined;
  const { origin, pathname, search, hash } = new URL(value, publicUrl);
  const isUnsafe = (path: string) => UNSAFE_PATH.test(path) || isBelow(path, prefix);
  if (origin !== publicUrl || isUnsafe(pathname) || isUnsafe(resolved(pathname, publicUrl))) return undefined;
  return `${pathname}${search}${hash}`;
}

function isBelow(pathname: string, prefix: string): boolean {
  const path = decoded(pathname).replaceAll(/\/+/g, '/').toLowerCase();
  return path === prefix.toLowerCase() || path.startsWith(`${prefix.toLowerCase()}/`);
}

/** The path as a server reads it that decodes first, drops path parameters (`/..;x/`), and resolves dot segments then. */
function resolved(pathname: string, publicUrl: string): string {
  return new URL(`${publicUrl}${decoded(pathname).replaceAll(/;[^/\\]*/g, '')}`).pathname;
}

function decoded(pathname: string): string {
  try {
    return decodeURIComponent(pathname);
  } catch {
    return pathname;
  }
}
