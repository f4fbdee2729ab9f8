import { errorCode, UnavailableError } from '@crossfade/core';
import { TimeoutError, withTimeout } from './timeout.ts';

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
 * itself, within 5 seconds, to the last byte.
 * @throws `UnavailableError` that says why, without address and payload.
 */
export async function getJson(
  url: string,
  signal: AbortSignal,
  { bearer, describe }: HttpJsonOptions = {},
): Promise<HttpJson> {
  const { response, text } = await request(buildRequest(url, bearer), signal);
  if (response.status !== 200)
    throw new UnavailableError(describe?.(response.status) ?? `responded with ${response.status}`);
  const dateMs = Date.parse(response.headers.get('date') ?? '');
  try {
    return { body: JSON.parse(text), dateMs: Number.isNaN(dateMs) ? null : dateMs };
  } catch (error) {
    throw new UnavailableError('did not return JSON', { cause: error });
  }
}

async function request(
  { address, headers }: ReturnType<typeof buildRequest>,
  signal: AbortSignal,
): Promise<{ response: Response; text: string }> {
  try {
    return await withTimeout(TIMEOUT_MS, signal, async (ending) => {
      const response = await fetch(address, { headers, redirect: 'manual', signal: ending });
      return { response, text: await response.text() };
    });
  } catch (error) {
    throw new UnavailableError(describeFailure(error), { cause: error });
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
  if (error instanceof TimeoutError) return `did not respond within ${TIMEOUT_MS / 1000}s`;
  if (error instanceof Error && error.name === 'AbortError') return 'was interrupted';
  const code = error instanceof Error ? errorCode(error.cause) : undefined;
  return `cannot be reached${code === undefined ? '' : ` (${code})`}`;
}
