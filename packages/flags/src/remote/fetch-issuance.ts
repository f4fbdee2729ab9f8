import { errorCode } from '@crossfade/core';
import type { PublishedIssuance } from '@crossfade/core/status';
import { isUnknown, readIssuance } from './read-issuance.ts';
import { startTimer } from './start-timer.ts';

/** How a request for the position ended. `problem` never holds content. */
export type IssuanceResponse =
  | { readonly kind: 'issuance'; readonly issuance: PublishedIssuance; readonly etag: string | null }
  | { readonly kind: 'not_modified' }
  | { readonly kind: 'broken'; readonly problem: string }
  | { readonly kind: 'failed'; readonly problem: string; readonly retryAfterMs: number };

export interface IssuanceRequest {
  readonly url: string;
  /** The entity tag of the position in use; `null` for none. */
  readonly etag: string | null;
  readonly timeoutMs: number;
  readonly fetch: typeof fetch;
  readonly signal: AbortSignal;
}

/** Requests the position once. Never rejects, and ends in time even if `fetch` ignores its signal. */
export function fetchIssuance({ timeoutMs, signal, ...request }: IssuanceRequest): Promise<IssuanceResponse> {
  const controller = new AbortController();
  return new Promise((resolve) => {
    const settle = (response: IssuanceResponse) => {
      stopTimer();
      signal.removeEventListener('abort', onClose);
      resolve(response);
    };
    const give = (problem: string) => {
      settle(failed(problem));
      controller.abort();
    };
    const onClose = () => give('was closed');
    const stopTimer = startTimer(timeoutMs, () => give('did not respond in time'));
    signal.addEventListener('abort', onClose);
    send(request, controller.signal).then(settle, (error: unknown) => settle(failed(`cannot be reached${why(error)}`)));
  });
}

async function send(
  { url, etag, fetch: request }: Pick<IssuanceRequest, 'url' | 'etag' | 'fetch'>,
  signal: AbortSignal,
): Promise<IssuanceResponse> {
  const headers = { accept: 'application/json', ...(etag !== null && { 'if-none-match': etag }) };
  // For browsers, whose own cache would hide a change for its `max-age`.
  const init: RequestInit & { readonly cache: 'no-store' } = { headers, signal, cache: 'no-store', redirect: 'error' };
  const response = await request(url, init);
  if (response.status === 304 && etag !== null) return { kind: 'not_modified' };
  const text = await response.text();
  if (response.status !== 200) return failed(`responded with ${response.status}`, retryAfterMs(response));
  const issuance = readIssuance(text);
  if (typeof issuance === 'string') return { kind: 'broken', problem: issuance };
  if (isUnknown(issuance)) return failed('does not know the position: its flag store cannot be read');
  return { kind: 'issuance', issuance, etag: response.headers.get('etag') };
}

/** Obeys at most an hour: a position must not stay unread for a day because of one response. */
const LONGEST_WAIT_SECONDS = 3600;

function retryAfterMs({ headers }: Response): number {
  const text = headers.get('retry-after') ?? '';
  return /^\d{1,9}$/.test(text) ? Math.min(Number(text), LONGEST_WAIT_SECONDS) * 1000 : 0;
}

function why(error: unknown): string {
  const code = errorCode(error instanceof Error ? error.cause : undefined);
  return code === undefined ? '' : ` (${code})`;
}

function failed(what: string, retryAfterMs = 0): IssuanceResponse {
  return { kind: 'failed', problem: `the backend ${what}`, retryAfterMs };
}
