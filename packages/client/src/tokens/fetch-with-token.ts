import type { DpopKey, DpopNonces } from '../provider/dpop.ts';
import { isStream } from './is-stream.ts';
import { sendWithProof } from './send-with-proof.ts';

/** An access token, and the key that it is bound to. */
export interface PresentableToken {
  readonly accessToken: string;
  /** Absent: a bearer token (RFC 6750). */
  readonly dpopKey?: DpopKey;
}

/** What a call of an API needs. */
export interface TokenFetch {
  /** @param not a token that the API refused. */
  readonly token: (not?: string) => Promise<PresentableToken>;
  readonly send: typeof fetch;
  readonly nonces: DpopNonces;
}

/**
 * Calls an API with a token; once more with another one if the response is 401, unless the body is a stream. `fetch` itself
 * drops `Authorization` where a redirect leads to another origin.
 */
export async function fetchWithToken(api: TokenFetch, input: string | URL, init: RequestInit = {}): Promise<Response> {
  const url = new URL(input);
  const token = await untilAborted(api.token(), init.signal);
  const response = await present(api, token, url, init);
  if (response.status !== 401 || isStream(init.body) || isElsewhere(response, url)) return response;
  const other = await api.token(token.accessToken).catch(() => undefined);
  if (other === undefined || other.accessToken === token.accessToken) return response;
  await response.body?.cancel();
  return present(api, other, url, init);
}

/** Rejects as `fetch` does when the caller gives up. The token is for the next call. */
async function untilAborted<T>(work: Promise<T>, signal: AbortSignal | null | undefined): Promise<T> {
  if (!signal) return work;
  let onAbort = () => {};
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => reject(signal.reason);
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort);
  });
  return Promise.race([work, aborted]).finally(() => signal.removeEventListener('abort', onAbort));
}

function present({ send, nonces }: TokenFetch, token: PresentableToken, url: URL, init: RequestInit) {
  const { accessToken, dpopKey } = token;
  if (dpopKey !== undefined) return sendWithProof({ send, nonces, accessToken, key: dpopKey }, url, init);
  const headers = new Headers(init.headers);
  headers.set('authorization', `Bearer ${accessToken}`);
  return send(url, { ...init, headers });
}

/** Whether a redirect led to another origin, which did not get the token. */
function isElsewhere(response: Response, url: URL): boolean {
  return URL.canParse(response.url) && new URL(response.url).origin !== url.origin;
}
