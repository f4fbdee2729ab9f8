const NO_STORE = { 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' };

/** A redirect that the browser follows with a GET. @param location an absolute URL: a path may mean another host. */
export function seeOther(location: string, cookies: readonly string[] = []): Response {
  return withCookies(new Response(null, { status: 303, headers: { ...NO_STORE, location } }), cookies);
}

/** JSON that no cache keeps. */
export function json(body: unknown, cookies: readonly string[] = []): Response {
  const headers = { ...NO_STORE, 'content-type': 'application/json', 'x-content-type-options': 'nosniff' };
  return withCookies(new Response(JSON.stringify(body), { headers }), cookies);
}

/** What a problem says in addition to its status and its code. */
export interface ProblemDetails {
  /** A stable name. Never a value of the request. */
  readonly code: string;
  readonly title: string;
  /** Further members, such as `login`: where to log in. */
  readonly members?: Readonly<Record<string, unknown>>;
  readonly headers?: Readonly<Record<string, string>>;
}

/** @see RFC 9457 */
export function problem(status: number, { code, title, members = {}, headers = {} }: ProblemDetails): Response {
  return new Response(JSON.stringify({ title, status, code, ...members }), {
    status,
    headers: {
      ...NO_STORE,
      'content-type': 'application/problem+json',
      'x-content-type-options': 'nosniff',
      ...headers,
    },
  });
}

/** Adds `Set-Cookie` lines to a response whose headers can be changed. */
export function withCookies(response: Response, cookies: readonly string[]): Response {
  for (const cookie of cookies) response.headers.append('set-cookie', cookie);
  return response;
}
