import { errorCode, UnavailableError } from '@crossfade/core';

const TIMEOUT_MS = 5000;

export interface HttpJson {
  readonly body: unknown;
  /** The response's `Date` header, in epoch ms; `null` without one. */
  readonly dateMs: number | null;
}

interface HttpJsonOptions {
  /** Sent as a Bearer token, unless the URL holds credentials. */
  readonly bearer?: string;
  /** Says what a status other than 200 means here; `undefined`: nothing in particular. */
  readonly describe?: (status: number) => string | undefined;
}

/**
 * GETs a JSON document. Sends credentials in the URL as HTTP Basic. Follows no redirect: the named server must respond
 * itself.
 * @throws `UnavailableError` that says why, without address and payload.
 */
export async function getJson(
  url: string,
  signal: AbortSignal,
  { bearer, describe }: HttpJsonOptions = {},
): Promise<HttpJson> {
  const { address, headers } = buildRequest(url, bearer);
  let response: Response;
  let text: string;
  try {
    response = await fetch(address, {
      headers,
      redirect: 'manual',
      signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
    });
    text = await response.text();
  } catch (error) {
    throw new UnavailableError(describeFailure(error), { cause: error });
  }
  if (response.status !== 200)
    throw new UnavailableError(describe?.(response.status) ?? `responded with ${response.status}`);
  const dateMs = Date.parse(response.headers.get('date') ?? '');
  try {
    return { body: JSON.parse(text), dateMs: Number.isNaN(dateMs) ? null : dateMs };
  } catch (error) {
    throw new UnavailableError('did not return JSON', { cause: error });
  }
}

/** Formats a URL for messages: without credentials, query and trailing slash. */
export function displayUrl(url: string): string {
  const { origin, pathname } = new URL(url);
  return `${origin}${pathname}`.replace(/\/$/, '');
}

function buildRequest(url: string, bearer: string | undefined): { address: URL; headers: Record<string, string> } {
  const address = new URL(url);
  const headers: Record<string, string> = { accept: 'application/json' };
  if (address.username !== '') {
    const credentials = `${decodeURIComponent(address.username)}:${decodeURIComponent(address.password)}`;
    headers['authorization'] = `Basic ${Buffer.from(credentials).toString('base64')}`;
    address.username = '';
    address.password = '';
  } else if (bearer !== undefined) {
    headers['authorization'] = `Bearer ${bearer}`;
  }
  return { address, headers };
}

function describeFailure(error: unknown): string {
  if (error instanceof Error && error.name === 'TimeoutError') return `did not respond within ${TIMEOUT_MS / 1000}s`;
  if (error instanceof Error && error.name === 'AbortError') return 'was interrupted';
  const code = error instanceof Error ? errorCode(error.cause) : undefined;
  return `cannot be reached${code === undefined ? '' : ` (${code})`}`;
}
