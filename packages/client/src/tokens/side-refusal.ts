import type { GrantRefusedError } from '../provider/errors.ts';

/** Errors by which a provider refuses a scope, a resource or an audience, but not the client or the user. */
const SIDE_REFUSALS: readonly string[] = ['invalid_scope', 'invalid_target', 'unauthorized_client'];
/** As those, at a token endpoint only: Auth0 refuses an audience there with `access_denied`, by which a user declines a login. */
const TOKEN_ENDPOINT_REFUSALS: readonly string[] = ['invalid_resource', 'access_denied'];

/** Whether a provider refuses what a side asks for, so that the other side may be granted. @see RFC 6749 §5.2, RFC 8707 §2 */
export function isSideRefusal({ error, endpoint }: GrantRefusedError): boolean {
  return SIDE_REFUSALS.includes(error) || (endpoint === 'token' && TOKEN_ENDPOINT_REFUSALS.includes(error));
}
