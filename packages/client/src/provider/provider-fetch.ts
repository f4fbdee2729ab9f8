import type { Clock } from '@crossfade/core';
import type { CustomFetch } from 'openid-client';
import type { RequestGates } from './request-gates.ts';
import { retryAfterSeconds } from './retry-after.ts';
import { settleWithin } from './settle-within.ts';
import { acceptableTokenResponse } from './token-response-body.ts';

export interface ProviderFetchOptions {
  readonly send: typeof fetch;
  readonly timeoutMs: number;
  readonly now: Clock;
  readonly gates: RequestGates;
}

/**
 * How many times longer the response to a refresh is waited for: it may hold the only valid refresh token, and a provider that
 * responds late has spent the previous one all the same.
 */
export const REFRESH_PATIENCE = 3;
/** Longer than any metadata, key set or token response. */
const LONGEST_BODY_BYTES = 1024 * 1024;
/** Statuses whose responses have no body. */
const EMPTY: readonly number[] = [204, 205, 304];

/**
 * Creates the function that sends every request to a provider: with one timeout for a response and its body, and a limit for the
 * body. Makes token responses acceptable to openid-client.
 *
 * Owns its timer: `AbortSignal.timeout`, which openid-client passes, is lost to garbage collection on Node.js 20.
 */
export function createProviderFetch(settings: ProviderFetchOptions): CustomFetch {
  const { send, timeoutMs, now, gates } = settings;

  async function receive(url: string, options: object): Promise<Response> {
    const streamed = await send(url, options as RequestInit);
    const { status, headers } = streamed;
    return new Response(EMPTY.includes(status) ? null : await readBody(streamed), {
      status,
      headers: new Headers(headers),
    });
  }

  return async (url, options) => {
    const endpoint = url.split('?', 1)[0] ?? '';
    const grantType = options.body instanceof URLSearchParams ? options.body.get('grant_type') : null;
    const patience = grantType === 'refresh_token' ? REFRESH_PATIENCE : 1;
    const response = await gates.run(endpoint, async () => {
      const received = await withTimeout(timeoutMs * patience, (signal) => receive(url, { ...options, signal }));
      const asksToWait = received.status === 429 || received.status === 503;
      const seconds = asksToWait ? retryAfterSeconds(received.headers, now()) : undefined;
      if (seconds !== undefined) gates.close(endpoint, seconds);
      return received;
    });
    return grantType !== null ? acceptableTokenResponse(response, grantType) : response;
  };
}

async function withTimeout<T>(timeoutMs: number, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  const late = () => new DOMException('the provider did not respond in time', 'TimeoutError');
  try {
    return await settleWithin(timeoutMs, work(controller.signal), late);
  } catch (error) {
    controller.abort(error);
    throw error;
  }
}

async function readBody(response: Response): Promise<Blob> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of response.body ?? []) {
    length += chunk.byteLength;
    // Leaving the loop cancels the body.
    if (length > LONGEST_BODY_BYTES) throw new TypeError('the response of the provider is too long');
    chunks.push(chunk);
  }
  return new Blob(chunks as Uint8Array<ArrayBuffer>[]);
}
