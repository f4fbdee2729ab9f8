import type { Clock } from '@crossfade/core';
import type { CustomFetch } from 'openid-client';
import { retryAfterSeconds } from './retry-after.ts';
import { acceptableTokenResponse } from './token-response-body.ts';

export interface ProviderFetchOptions {
  readonly send: typeof fetch;
  readonly timeoutMs: number;
  readonly now: Clock;
  /** Called when the provider asks to wait. */
  readonly onRetryAfter: (seconds: number) => void;
}

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
export function createProviderFetch({ send, timeoutMs, now, onRetryAfter }: ProviderFetchOptions): CustomFetch {
  return async (url, options) => {
    const response = await withTimeout(timeoutMs, async (signal) => {
      const streamed = await send(url, { ...options, signal } as RequestInit);
      const { status, headers } = streamed;
      return new Response(EMPTY.includes(status) ? null : await readBody(streamed), {
        status,
        headers: new Headers(headers),
      });
    });
    if (response.status === 429 || response.status === 503) {
      const seconds = retryAfterSeconds(response.headers, now());
      if (seconds !== undefined) onRetryAfter(seconds);
    }
    const isTokenRequest = options.body instanceof URLSearchParams && options.body.has('grant_type');
    return isTokenRequest ? acceptableTokenResponse(response) : response;
  };
}

async function withTimeout<T>(timeoutMs: number, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const timedOut = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      const reason = new DOMException('the provider did not respond in time', 'TimeoutError');
      reject(reason);
      controller.abort(reason);
    }, timeoutMs);
  });
  try {
    return await Promise.race([work(controller.signal), timedOut]);
  } finally {
    clearTimeout(timer);
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
