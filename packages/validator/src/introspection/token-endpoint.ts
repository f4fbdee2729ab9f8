import { type Clock, type Dependency, UnavailableError } from '@crossfade/core';
import { fetchTwice } from '../http/fetch-json.ts';
import { createTimeout, TimeoutError } from '../http/timeout.ts';
import { discoveredEndpoint, staticEndpoint } from './endpoint-locator.ts';
import { UnusableResponseError } from './unusable-response-error.ts';

/** Whether a token was active when last asked about. */
export type TokenHistory = 'known' | 'new';

/** An endpoint that is asked about opaque tokens. */
export interface TokenEndpoint<T> {
  /**
   * Sends one request about a token. Caches nothing.
   * @throws `UnavailableError` for everything but a valid response. It is never the caller's fault.
   */
  ask(token: string, history?: TokenHistory): Promise<T>;
  /** Aborts pending requests, and sends no more. */
  close(): void;
}

export interface TokenEndpointOptions<T> {
  /** For messages: `the introspection endpoint of https://idp.example.com`. */
  readonly name: string;
  readonly dependency: Dependency;
  /** The endpoint, or how to find it. */
  readonly endpoint: URL | ((signal: AbortSignal) => Promise<URL>);
  readonly timeoutMs: number;
  readonly now: Clock;
  readonly request: (token: string) => RequestInit;
  /** Reads a response of any status. Throws an `UnusableResponseError` if it says nothing about the token. */
  readonly read: (response: Response) => Promise<T>;
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
export function openTokenEndpoint<T>(options: TokenEndpointOptions<T>): TokenEndpoint<T> {
  const { name, dependency, endpoint, timeoutMs, now, read } = options;
  const [searches, requests] = [createTimeout(timeoutMs), createTimeout(timeoutMs)];
  const locator =
    endpoint instanceof URL
      ? staticEndpoint(endpoint)
      : discoveredEndpoint({ find: () => searches.run(endpoint), now });
  let timeouts = 0;
  let isClosed = false;

  function unavailable(what: string, more: { retryAfterSeconds?: number; cause?: unknown } = {}): UnavailableError {
    return new UnavailableError(`${name} ${what}`, { dependency, ...more });
  }

  async function locate(): Promise<URL> {
    try {
      return await locator.current();
    } catch (cause) {
      throw unavailable('cannot be found', { cause });
    }
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
    async ask(token, history = 'new') {
      if (isClosed) throw unavailable('is not used any more: the validator is closed');
      const url = await locate();
      if (timeouts >= MAX_TIMEOUTS && requests.size() > 0)
        throw unavailable(`did not respond to the last ${timeouts} requests`);
      if (requests.size() >= MAX_CONCURRENT[history])
        throw unavailable('has too many requests in progress', { retryAfterSeconds: 1 });
      try {
        const response = await requests.run(async (signal) =>
          read(await fetchTwice(url, { ...options.request(token), signal })),
        );
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

/**
 * The error for a status that says nothing about a token.
 * @param credentials - the settings to check if the endpoint rejects ours: they are up to the operator, not the caller.
 */
export async function unusableStatus(response: Response, credentials: string): Promise<UnusableResponseError> {
  const { status } = response;
  await response.body?.cancel();
  const isOurs = status === 401 || status === 403;
  const what = isOurs ? `rejects the credentials of this API (${status}): check ${credentials}` : `answered ${status}`;
  return new UnusableResponseError(what, response);
}
