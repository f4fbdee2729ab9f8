/**
 * What a refresh can do when a session's side is no longer the selected one:
 * - `keep`: the provider binds a refresh token to the audience of its login. The session stays on its side until it ends.
 * - `retarget`: the provider mints for whatever scope or resource the refresh asks. The session changes sides.
 * - `reauthenticate`: as `keep`, but the user is sent through a login, which asks for the other side.
 */
export const REFRESH_CAPABILITIES = ['keep', 'retarget', 'reauthenticate'] as const;
export type RefreshCapability = (typeof REFRESH_CAPABILITIES)[number];
