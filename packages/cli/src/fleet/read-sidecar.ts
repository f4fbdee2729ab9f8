import { UnavailableError } from '@crossfade/core';
import { getJson, type HttpJson } from '../verb/http-json.ts';
import type { Invocation } from '../verb/verb.ts';

/** What it takes to ask a sidecar: the environment may hold the read token of its metrics port. */
export type SidecarAccess = Pick<Invocation, 'env' | 'signal'>;

const VARIABLE = 'CROSSFADE_READ_TOKEN';
/** `b64token` of RFC 6750 §2.1: what a Bearer header can carry. */
const TOKEN = /^[A-Za-z0-9\-._~+/]+=*$/;
const SAME_SECRET = 'set it to the secret that the sidecar has as CROSSFADE_SIDECAR_READ_TOKEN';

/**
 * GETs `/status`, `/stragglers` or `/census` of a sidecar: of its admin port, or of its metrics port with the read token.
 * Credentials in the URL take the token's place, for a proxy in front. The token is for this URL alone: redirects are not
 * followed.
 * @throws `UnavailableError` that says why it cannot be read, without URL and token.
 */
export async function readSidecar(
  url: string,
  path: '/status' | '/stragglers' | '/census',
  { env, signal }: SidecarAccess,
): Promise<HttpJson> {
  const token = env[VARIABLE] || undefined;
  // Reported like a sidecar that is down, because a rollback must not stop at a mistyped secret.
  if (token !== undefined && !TOKEN.test(token))
    throw new UnavailableError(`was not asked: ${VARIABLE} must be one word of A-Z, a-z, 0-9 and -._~+/`);
  return getJson(`${url.replace(/\/$/, '')}${path}`, signal, {
    ...(token !== undefined && { bearer: token }),
    describe: (status) => describeStatus(status, path, token !== undefined),
  });
}

function describeStatus(status: number, path: string, hasToken: boolean): string | undefined {
  if (status === 401)
    return hasToken ? `does not accept ${VARIABLE}: ${SAME_SECRET}` : `wants ${VARIABLE}: ${SAME_SECRET}`;
  if (status === 404)
    return `does not serve ${path} here: a sidecar's metrics port does so once CROSSFADE_SIDECAR_READ_TOKEN is set; an API that counts by itself has none`;
  if (status === 421) return 'listens on loopback and does not respond to that name: use 127.0.0.1 or its metrics port';
  return undefined;
}
