/** The cookies of a backend for browsers, by their short names such as `session`. */
export interface Cookies {
  /** The value of a cookie; `undefined` if it is missing, or comes twice: a sibling domain may have set one of them. */
  read(request: Request, name: string): string | undefined;
  /** The short names of the request's cookies that begin with `prefix`. */
  names(request: Request, prefix: string): readonly string[];
  /** The `Set-Cookie` line that sets a cookie. Without `maxAgeSeconds` it goes with the browser session. */
  set(name: string, value: string, maxAgeSeconds?: number): string;
  /** The `Set-Cookie` line that removes a cookie. */
  clear(name: string): string;
}

const PREFIX = 'crossfade-';

/**
 * Creates the cookies of an origin: HttpOnly, SameSite=Lax, for this host alone.
 *
 * On https each has the prefix `__Host-`: browsers take such a cookie only from the host itself, so that no sibling domain
 * can plant one.
 * @see draft-ietf-httpbis-rfc6265bis §4.1.3.2
 */
export function createCookies(isSecure: boolean): Cookies {
  const prefix = `${isSecure ? '__Host-' : ''}${PREFIX}`;
  const attributes = `Path=/; HttpOnly; SameSite=Lax${isSecure ? '; Secure' : ''}`;

  return {
    read(request, name) {
      const values = pairs(request.headers.get('cookie') ?? '').filter((pair) => pair.name === `${prefix}${name}`);
      return values.length === 1 ? values[0]?.value : undefined;
    },
    names(request, start) {
      const names = pairs(request.headers.get('cookie') ?? '').map(({ name }) => name);
      return [...new Set(names.filter((name) => name.startsWith(`${prefix}${start}`)))].map((name) =>
        name.slice(prefix.length),
      );
    },
    set(name, value, maxAgeSeconds) {
      const lifetime = maxAgeSeconds === undefined ? '' : `; Max-Age=${maxAgeSeconds}`;
      return `${prefix}${name}=${value}; ${attributes}${lifetime}`;
    },
    clear: (name) => `${prefix}${name}=; ${attributes}; Max-Age=0`,
  };
}

interface CookiePair {
  readonly name: string;
  readonly value: string;
}

/** @see RFC 6265 §5.4 */
function pairs(header: string): readonly CookiePair[] {
  return header.split(';').flatMap((part) => {
    const text = part.trim();
    const equals = text.indexOf('=');
    return equals < 1 ? [] : [{ name: text.slice(0, equals).trim(), value: text.slice(equals + 1).trim() }];
  });
}
