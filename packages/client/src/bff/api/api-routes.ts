/** Where a request to an API goes. `invalid`: its path could lead out of the API's own path. */
export type ApiTarget = { readonly target: URL } | { readonly invalid: 'path' };

/** Finds the API of a request. */
export type ApiRoutes = (url: URL) => ApiTarget | undefined;

/** A server may decode a path more than once: so many times a dot segment is looked for. */
const DECODINGS = 3;
/** Control characters, which some servers drop or end a text at. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: it is for them.
const CONTROL = /[\x00-\x1f\x7f]/;
const DOT_SEGMENT = /^\.{1,2}(?:[;?#].*)?$/s;

/**
 * Creates the map from paths of the application to APIs. The longest path wins. The rest of the path is appended to the API's
 * as it is, encoded slashes and empty segments included; a rest with a dot segment or a control character, however encoded, is
 * invalid.
 * @param api path between slashes -> URL
 */
export function createApiRoutes(api: Readonly<Record<string, string>>): ApiRoutes {
  const routes = Object.entries(api)
    .map(([path, url]) => ({ path, base: new URL(url.endsWith('/') ? url : `${url}/`) }))
    .sort((a, b) => b.path.length - a.path.length);

  return ({ pathname, search }) => {
    const route = routes.find(({ path }) => pathname.startsWith(path));
    if (route === undefined) return undefined;
    const { path, base } = route;
    const rest = pathname.slice(path.length);
    if (isAmbiguous(rest)) return { invalid: 'path' };
    // As text: resolved as a reference, `//host` and `scheme:` would lead to another server.
    const target = new URL(`${base.origin}${base.pathname}${rest}${search}`);
    return target.origin === base.origin && target.pathname.startsWith(base.pathname)
      ? { target }
      : { invalid: 'path' };
  };
}

/** Whether a server could read a path as one that leads upwards: `%2e%2e%2f`, `..%5c`, `..;x`, `..%00`. */
function isAmbiguous(path: string): boolean {
  let text = path;
  for (let round = 0; round <= DECODINGS; round += 1) {
    if (CONTROL.test(text) || text.split(/[/\\]/).some((segment) => DOT_SEGMENT.test(segment))) return true;
    text = decodedOnce(text);
  }
  return false;
}

/** Octet by octet: an invalid sequence elsewhere must not hide a dot. */
function decodedOnce(text: string): string {
  return text.replaceAll(/%([\da-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}
