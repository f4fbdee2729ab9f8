/** What the API of these tests responds, by path. */
export interface Behaviour {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
}

const BEHAVIOURS: Readonly<Record<string, Behaviour>> = {
  '/orders': { status: 200, headers: { 'content-type': 'application/json' } },
  '/refused': { status: 401, headers: { 'www-authenticate': 'Bearer error="invalid_token"' } },
  '/forbidden': { status: 403, headers: { 'www-authenticate': 'Bearer error="invalid_token"' } },
  // What the token lacks is a fresher login: RFC 9470.
  '/step-up': { status: 401, headers: { 'www-authenticate': 'Bearer error="insufficient_user_authentication"' } },
  '/missing': { status: 404, headers: {} },
  '/down': { status: 500, headers: {} },
  '/stream': { status: 200, headers: { 'content-type': 'text/event-stream' } },
};

export const PATHS: readonly string[] = Object.keys(BEHAVIOURS);

export function behaviourOf(path: string): Behaviour {
  return BEHAVIOURS[path] ?? { status: 404, headers: {} };
}
