/** The side that an access token was minted for, as far as its token response shows. */
export const MINTED_SIDES = ['legacy', 'target', 'unknown'] as const;
export type MintedSide = (typeof MINTED_SIDES)[number];

/**
 * What became of a login: `started` is a redirect to the provider; `declined`: the user said no; `refused`: the provider
 * did; `invalid`: a check failed; `moved` and `not_moved` are silent logins (`prompt=none`) of a session that a refresh
 * cannot move.
 */
export const LOGIN_OUTCOMES = [
  'started',
  'succeeded',
  'declined',
  'refused',
  'invalid',
  'unavailable',
  'moved',
  'not_moved',
] as const;
export type LoginOutcome = (typeof LOGIN_OUTCOMES)[number];

/**
 * What became of the refresh of a session: `refreshed` on its side; `moved` to the other; `not_granted`: a move was refused,
 * and the session stays on its side; `login_required`: only a login gives a token; `reused`: as that, of a refresh token that
 * was rotated; `identity_changed`: the response was for another user; `refused`: the provider refuses the client.
 */
export const REFRESH_OUTCOMES = [
  'refreshed',
  'moved',
  'not_granted',
  'login_required',
  'reused',
  'identity_changed',
  'refused',
  'unavailable',
] as const;
export type RefreshOutcome = (typeof REFRESH_OUTCOMES)[number];
