import { UnavailableError } from '@crossfade/core';
import { createTimeout, TimeoutError } from '../http/timeout.ts';
import { findIntrospectionUrl } from '../keys/issuer-metadata.ts';
import { discoveredEndpoint, staticEndpoint } from './endpoint-locator.ts';
import type { IntrospectionSettings } from './introspection-options.ts';
import { introspectionRequest } from './introspection-request.ts';
import { type IntrospectionResponse, readIntrospectionResponse } from './introspection-response.ts';
import type { ResponseVerifier } from './signed-response.ts';
import { UnusableResponseError } from './unusable-response-error.ts';

/** Whether a token was active when it was asked about last. */
export type TokenRepute = 'known' | 'new';

/** Whom an issuer's opaque tokens are asked at. */
export interface IntrospectionEndpoint {
  readonly settings: IntrospectionSettings;
  /**
   * Asks about one token. Remembers nothing.
   * @throws `UnavailableError` for whatever is not an answer (RFC 7662 §2.2). It is never the caller's fault.
   */
  ask(token: string, repute?: TokenRepute): Promise<IntrospectionResponse>;
  /** Ends questions that are under way, and asks no more. */
  close(): void;
}

/**
 * Whoever sends made-up tokens makes us ask: not more than this at once, and the rest is told to come back. Nobody can
 * make up a token that was active before, so those have as much again to themselves.
 */
const MAX_QUESTIONS: Readonly<Record<TokenRepute, number>> = { new: 128, known: 256 };
/** Who left as many in a row unanswered is asked one at a time, so that not every request waits to no end. */
const MAX_TIMEOUTS = 5;
/** Nobody answers there, or not there any more. */
const DESERTED = [301, 302, 303, 307, 308, 404, 405, 410];

/** Opens an endpoint. Asks nothing before a token does. */
export function openIntrospectionEndpoint(
  settings: IntrospectionSettings,
  verifier: ResponseVerifier,
): IntrospectionEndpoint {
  const { issuer, endpoint } = settings;
  const [searches, questions] = [createTimeout(settings.timeoutMs), createTimeout(settings.timeoutMs)];
  const find = () => searches.run((signal) => findIntrospectionUrl(issuer, signal));
  const place = endpoint === 'metadata' ? discoveredEndpoint({ find, now: verifier.now }) : staticEndpoint(endpoint);
  let timeouts = 0;
  let isClosed = false;

  function unavailable(what: string, options: { retryAfterSeconds?: number; cause?: unknown } = {}): UnavailableError {
    return new UnavailableError(`the introspection endpoint of ${issuer} ${what}`, options);
  }

  async function locate(): Promise<URL> {
    try {
      return await place.current();
    } catch (cause) {
      throw unavailable('can not be found', { cause });
    }
  }

  async function question(url: URL, token: string, signal: AbortSignal): Promise<IntrospectionResponse> {
    const response = await send(url, { ...introspectionRequest(token, settings), signal });
    if (response.status === 200) return readIntrospectionResponse(response, settings, verifier);
    await response.body?.cancel();
    throw new UnusableResponseError(describeStatus(response.status), response);
  }

  function failure(cause: unknown, url: URL): UnavailableError {
    if (cause instanceof UnavailableError) return cause;
    if (!(cause instanceof UnusableResponseError)) {
      place.left(url);
      return unavailable(
        cause instanceof TimeoutError ? `did not answer in time: ${cause.message}` : 'can not be reached',
        { cause },
      );
    }
    if (cause.status !== undefined && DESERTED.includes(cause.status)) place.left(url);
    const { retryAfterSeconds } = cause;
    return unavailable(cause.message, { cause, ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }) });
  }

  return {
    settings,
    async ask(token, repute = 'new') {
      if (isClosed) throw unavailable('is asked no more: the validator is closed');
      const url = await locate();
      const isPatient = timeouts < MAX_TIMEOUTS;
      if (!isPatient && questions.size() > 0) throw unavailable(`did not answer the last ${timeouts} questions`);
      if (questions.size() >= MAX_QUESTIONS[repute])
        throw unavailable('is asked too much at once', { retryAfterSeconds: 1 });
      try {
        const answer = await questions.run((signal) => question(url, token, signal));
        timeouts = 0;
        return answer;
      } catch (cause) {
        timeouts = cause instanceof TimeoutError ? timeouts + 1 : 0;
        throw failure(cause, url);
      }
    },
    close() {
      isClosed = true;
      searches.close();
      questions.close();
    },
  };
}

/** Our own credentials are the operator's business, and no caller's token is worse for it. */
function describeStatus(status: number): string {
  if (status !== 401 && status !== 403) return `answered ${status}`;
  return `refuses the credentials of this API (${status}): check introspection.clientId and clientSecret`;
}

/** Asking changes nothing: a question that got lost with a connection that just then ended may be asked once more. */
async function send(url: URL, request: RequestInit & { readonly signal: AbortSignal }): Promise<Response> {
  try {
    return await fetch(url, request);
  } catch (error) {
    if (request.signal.aborted) throw error;
    return fetch(url, request);
  }
}
