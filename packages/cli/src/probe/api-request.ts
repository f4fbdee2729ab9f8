import { type ApiVerdict, errorCode, readApiResponse } from '@crossfade/core';
import { TimeoutError, withTimeout } from '../verb/timeout.ts';

const TIMEOUT_MS = 10_000;

/** What the headers of a response tell of the way it took. */
export interface Passed {
  readonly location: string | null;
  readonly server: string | null;
  readonly via: string | null;
}

/** What an API responded to one request. */
export type ApiResult =
  | {
      readonly status: number;
      readonly verdict: ApiVerdict;
      /** `WWW-Authenticate`, for comparison. */
      readonly challenge: string;
      /** Where a redirect leads, and what stands in front, as far as their headers tell. */
      readonly passed?: Passed;
    }
  | { readonly failure: string };

/** GETs a URL with a bearer token, or without one. Follows no redirect: the token is for this URL alone. Reads no body. */
export async function askApi(url: string, token: string | undefined, signal: AbortSignal): Promise<ApiResult> {
  const headers = { accept: '*/*', ...(token !== undefined && { authorization: `Bearer ${token}` }) };
  try {
    return await withTimeout(TIMEOUT_MS, signal, async (ending) => {
      const response = await fetch(url, { headers, redirect: 'manual', signal: ending });
      await response.body?.cancel();
      const challenge = response.headers.get('www-authenticate') ?? '';
      const verdict = readApiResponse({
        status: response.status,
        contentType: response.headers.get('content-type') ?? undefined,
        grpcStatus: response.headers.get('grpc-status') ?? undefined,
        wwwAuthenticate: challenge,
      });
      const header = (name: string) => response.headers.get(name);
      const passed = { location: header('location'), server: header('server'), via: header('via') };
      return { status: response.status, verdict, challenge, passed };
    });
  } catch (error) {
    if (signal.aborted) throw error;
    if (error instanceof TimeoutError) return { failure: `no response within ${TIMEOUT_MS / 1000}s` };
    const code = error instanceof Error ? errorCode(error.cause) : undefined;
    return { failure: code ?? 'no response' };
  }
}
