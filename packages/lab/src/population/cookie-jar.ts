/** The cookies of one browser. Supports names, values, paths and expiry: all that the servers of the lab use. */
export interface CookieJar {
  /** Stores the cookies of a response from `url`. */
  store(url: URL, setCookies: readonly string[]): void;
  /** Returns the `cookie` header for a request to `url`; empty without cookies. */
  headerFor(url: URL): string;
}

interface Cookie {
  readonly origin: string;
  readonly path: string;
  readonly name: string;
  readonly value: string;
}

/** Creates an empty jar. Cookies are kept by origin, port included, so that servers on one host stay separate. */
export function createCookieJar(): CookieJar {
  const cookies = new Map<string, Cookie>();
  return {
    store({ origin }, setCookies) {
      for (const header of setCookies) {
        const [pair = '', ...attributes] = header.split(';').map((part) => part.trim());
        const equals = pair.indexOf('=');
        const name = pair.slice(0, equals);
        const path = attributeOf(attributes, 'path') ?? '/';
        const key = `${origin} ${path} ${name}`;
        if (isExpired(attributes)) cookies.delete(key);
        else cookies.set(key, { origin, path, name, value: pair.slice(equals + 1) });
      }
    },
    headerFor({ origin, pathname }) {
      return [...cookies.values()]
        .filter((cookie) => cookie.origin === origin && covers(cookie.path, pathname))
        .sort((one, other) => other.path.length - one.path.length)
        .map(({ name, value }) => `${name}=${value}`)
        .join('; ');
    },
  };
}

function attributeOf(attributes: readonly string[], name: string): string | undefined {
  return attributes.find((part) => part.toLowerCase().startsWith(`${name}=`))?.slice(name.length + 1);
}

function isExpired(attributes: readonly string[]): boolean {
  if (attributeOf(attributes, 'max-age') === '0') return true;
  const expires = attributeOf(attributes, 'expires');
  return expires !== undefined && Date.parse(expires) <= Date.now();
}

/** RFC 6265 §5.1.4. */
function covers(path: string, pathname: string): boolean {
  return pathname === path || pathname.startsWith(path.endsWith('/') ? path : `${path}/`);
}
