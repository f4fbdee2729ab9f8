import { type DpopKey, type DpopNonces, demandsDpopNonce, dpopHeaders } from '../provider/dpop.ts';
import { isStream } from './is-stream.ts';

/** A token that is bound to a key, and what its proofs need. */
export interface BoundToken {
  readonly accessToken: string;
  readonly key: DpopKey;
  readonly nonces: DpopNonces;
  readonly send: typeof fetch;
}

/** As many as `fetch` follows. */
const MAX_REDIRECTS = 20;
/** What `fetch` drops where a redirect leads to another origin. @see https://fetch.spec.whatwg.org/#http-redirect-fetch */
const ORIGIN_HEADERS = ['authorization', 'proxy-authorization', 'cookie', 'host'];
const BODY_HEADERS = ['content-encoding', 'content-language', 'content-location', 'content-type', 'content-length'];

/**
 * Calls an API with a token that is bound to a key. A proof is for one URL (RFC 9449 §4.3), so redirects are followed here:
 * with a new proof, or without the token to another origin.
 */
export async function sendWithProof(token: BoundToken, url: URL, init: RequestInit): Promise<Response> {
  const { redirect = 'follow' } = init;
  let at = url;
  let request = init;
  for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects += 1) {
    const response = await sendOnce(token, at, { ...request, redirect: redirect === 'follow' ? 'manual' : redirect });
    const location = response.headers.get('location');
    if (redirect !== 'follow' || location === null || !isRedirect(response)) return response;
    await response.body?.cancel();
    at = new URL(location, at);
    request = redirected(request, response.status);
    if (at.origin !== url.origin) return token.send(at, withoutHeaders(request, ORIGIN_HEADERS));
  }
  throw new TypeError('fetch failed: too many redirects');
}

/** Sends a request with a proof; once more if the API demands a nonce (RFC 9449 §9). */
async function sendOnce(
  { send, nonces, key, accessToken }: BoundToken,
  url: URL,
  init: RequestInit,
): Promise<Response> {
  const attempt = async () => {
    const method = init.method?.toUpperCase() ?? 'GET';
    const headers = new Headers(init.headers);
    const proof = await dpopHeaders({ key, method, url, accessToken, nonce: nonces.of(url) });
    for (const [name, value] of Object.entries(proof)) headers.set(name, value);
    const response = await send(url, { ...init, headers });
    nonces.keep(url, response);
    return response;
  };
  const response = await attempt();
  if (!demandsDpopNonce(response) || isStream(init.body)) return response;
  await response.body?.cancel();
  return attempt();
}

function isRedirect({ status }: Response): boolean {
  return [301, 302, 303, 307, 308].includes(status);
}

/** The request after a redirect, as `fetch` changes it. */
function redirected(init: RequestInit, status: number): RequestInit {
  const method = init.method?.toUpperCase() ?? 'GET';
  const becomesGet =
    (status === 303 && method !== 'GET' && method !== 'HEAD') ||
    ((status === 301 || status === 302) && method === 'POST');
  if (!becomesGet) {
    if (isStream(init.body)) throw new TypeError('fetch failed: a streamed body cannot follow a redirect');
    return init;
  }
  const { body: _, ...rest } = init;
  return { ...withoutHeaders(rest, BODY_HEADERS), method: 'GET' };
}

function withoutHeaders(init: RequestInit, names: readonly string[]): RequestInit {
  const headers = new Headers(init.headers);
  for (const name of names) headers.delete(name);
  return { ...init, headers };
}
