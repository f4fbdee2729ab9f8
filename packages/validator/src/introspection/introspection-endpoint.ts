import { UnavailableError } from '@crossfade/core';
import { createTimeout, TimeoutError } from '../http/timeout.ts';
import { findIntrospectionUrl } from '../keys/issuer-metadata.ts';
import { discoveredEndpoint, staticEndpoint } from './endpoint-locator.ts';
import type { IntrospectionSettings } from './introspection-options.ts';
import { introspectionRequest } from './introspection-request.ts';
import { type IntrospectionResponse, readIntrospectionResponse } from './introspection-response.ts';
import type { ResponseVerifier } from './signed-response.ts';
import { UnusableResponseError } from './unusable-response-error.ts';

/** Whether a token was active when last introspected. */
export type TokenHistory = 'known' | 'new';

/** The introspection endpoint of one issuer. */
export interface IntrospectionEndpoint {
  readonly settings: IntrospectionSettings;
  /**
   * Introspects one token. Caches nothing.
   * @throws `UnavailableError` for everything but a valid response (RFC 7662 §2.2). It is never the caller's fault.
   */
  introspect(token: string, history?: TokenHistory): Promise<IntrospectionResponse>;
  /** Aborts pending requests, and sends no more. */
  close(): void;
}

/**
 * Limits concurrent requests, because made-up tokens cause them, too. Tokens that were active before cannot be made up,
 * so they have room of their own.
 */
const MAX_CONCURRENT: Readonly<Record<TokenHistory, number>> = { new: 128, known: 256 };
/** After this many consecutive timeouts, send one request at a time, so that not every caller waits for a timeout. */
const MAX_TIMEOUTS = 5;
/** Statuses that suggest the endpoint has moved. */
const GONE = [301, 302, 303, 307, 308, 404, 405, 410];

/** Opens an endpoint. Sends nothing before the first token. */
export function openIntrospectionEndpoint(
  settings: IntrospectionSettings,
  verifier: ResponseVerifier,
): IntrospectionEndpoint {
  const { issuer, issuers, endpoint } = settings;
  const [searches, requests] = [createTimeout(settings.timeoutMs), createTimeout(settings.timeoutMs)];
  const find = () => searches.run((signal) => findIntrospectionUrl(issuers, signal));
  const locator = endpoint === 'metadata' ? discoveredEndpoint({ find, now: verifier.now }) : staticEndpoint(endpoint);
  let timeouts = 0;
  let isClosed = false;

  function unavailable(what: string, options: { retryAfterSeconds?: number; cause?: unknown } = {}): UnavailableError {
    return new UnavailableError(`the introspection endpoint of ${issuer} ${what}`, {
      dependency: 'introspection',
      ...options,
    });
  }

  async function locate(): Promise<URL> {
    try {
      return await locator.current();
    } catch (cause) {
      throw unavailable('cannot be found', { cause });
    }
  }

  async function request(url: URL, token: string, signal: AbortSignal): Promise<IntrospectionResponse> {
    const response = await send(url, { ...introspectionRequest(token, settings), signal });
    if (response.status === 200) return readIntrospectionResponse(response, settings, verifier);
    await response.body?.cancel();
    throw new UnusableResponseError(describeStatus(response.status), response);
  }

  function failure(cause: unknown, url: URL): UnavailableError {
    if (cause instanceof UnavailableError) return cause;
    if (!(cause instanceof UnusableResponseError)) {
      locator.reportGone(url);
      return unavailable(
        cause instanceof TimeoutError ? `did not respond in time: ${cause.message}` : 'cannot be reached',
        { cause },
      );
    }
    if (cause.status !== undefined && GONE.includes(cause.status)) locator.reportGone(url);
    const { retryAfterSeconds } = cause;
    return unavailable(cause.message, { cause, ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }) });
  }

  return {
    settings,
    async introspect(token, history = 'new') {
      if (isClosed) throw unavailable('is not used any more: the validator is closed');
      const url = await locate();
      if (timeouts >= MAX_TIMEOUTS && requests.size() > 0)
        throw unavailable(`did not respond to the last ${timeouts} requests`);
      if (requests.size() >= MAX_CONCURRENT[history])
        throw unavailable('has too many requests in progress', { retryAfterSeconds: 1 });
      try {
        const response = await requests.run((signal) => request(url, token, signal));
        timeouts = 0;
        return response;
      } catch (cause) {
        timeouts = cause instanceof TimeoutError ? timeouts + 1 : 0;
        throw failure(cause, url);
      }
    },
    close() {
      isClosed = true;
      searches.close();
      requests.close();
    },
  };
}

/** The API's own credentials are up to the operator, not to the caller. */
function describeStatus(status: number): string {
  if (status !== 401 && status !== 403) return `answered ${status}`;
  return `rejects the credentials of this API (${status}): check introspection.clientId and clientSecret`;
}

/** Retries once: introspection changes nothing, and a keep-alive connection may have just been closed. */
async function send(url: URL, request: RequestInit & { readonly signal: AbortSignal }): Promise<Response> {
  try {
    return await fetch(url, request);
  } catch (error) {
    if (request.signal.aborted) throw error;
    return fetch(url, request);
  }
}
