import { type IncomingHttpHeaders, type IncomingMessage, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { errorCode, UnavailableError } from '@crossfade/core';
import { TimeoutError, withTimeout } from './timeout.ts';

const TIMEOUT_MS = 5000;
/** A longer body is no response to what the CLI asks: it must not fill the memory. */
const MAX_BYTES = 32 * 1024 * 1024;

export interface HttpJson {
  readonly body: unknown;
  /** The response's `Date` header, in epoch ms; `null` without one. */
  readonly dateMs: number | null;
}

interface HttpJsonOptions {
  /** Sent as a Bearer token, unless the URL holds credentials. */
  readonly bearer?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Default: 5 seconds. */
  readonly timeoutMs?: number;
  /** PEM certificates of the authorities to trust, instead of the system's. */
  readonly ca?: string | undefined;
  /** Says what a status other than 200 means here; `undefined`: nothing in particular. */
  readonly describe?: (status: number) => string | undefined;
}

/**
 * GETs a JSON document. Sends credentials in the URL as HTTP Basic. Follows no redirect: the named server must respond
 * itself, in time, to the last byte.
 * @throws `UnavailableError` that says why, without address and payload.
 */
export async function getJson(
  url: string,
  signal: AbortSignal,
  { bearer, headers = {}, timeoutMs = TIMEOUT_MS, ca, describe }: HttpJsonOptions = {},
): Promise<HttpJson> {
  const request = buildRequest(url, bearer);
  let response: HttpResponse;
  try {
    const whole = { ...request, headers: { ...request.headers, ...headers }, ca };
    response = await withTimeout(timeoutMs, signal, (ending) => get(whole, ending));
  } catch (error) {
    if (error instanceof UnavailableError) throw error;
    throw new UnavailableError(describeFailure(error, timeoutMs), { cause: error });
  }
  if (response.status !== 200)
    throw new UnavailableError(describe?.(response.status) ?? `responded with ${response.status}`);
  const dateMs = Date.parse(response.headers.date ?? '');
  try {
    return { body: JSON.parse(response.text), dateMs: Number.isNaN(dateMs) ? null : dateMs };
  } catch (error) {
    throw new UnavailableError('did not return JSON', { cause: error });
  }
}

interface HttpResponse {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

/** Over a connection of its own: a persistent one may be closed just as it is used again. */
function get(
  { address, headers, ca }: ReturnType<typeof buildRequest> & { readonly ca: string | undefined },
  signal: AbortSignal,
): Promise<HttpResponse> {
  const request = address.protocol === 'https:' ? requestHttps : requestHttp;
  return new Promise((resolve, reject) => {
    request(address, { headers, signal, agent: false, ...(ca !== undefined && { ca }) })
      .on('response', (response) => {
        const { statusCode: status = 0, headers: received } = response;
        readText(response).then((body) => resolve({ status, headers: received, text: body }), reject);
      })
      .on('error', reject)
      .end();
  });
}

/** @throws `UnavailableError` on a body that is too long. */
async function readText(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes > MAX_BYTES) throw new UnavailableError(`returned more than ${MAX_BYTES / 1024 / 1024} MiB`);
  }
  return Buffer.concat(chunks).toString('utf8');
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

function describeFailure(error: unknown, timeoutMs: number): string {
  if (error instanceof TimeoutError) return `did not respond within ${timeoutMs / 1000}s`;
  if (error instanceof Error && error.name === 'AbortError') return 'was interrupted';
  const code = errorCode(error);
  return `cannot be reached${code === undefined ? '' : ` (${code})`}`;
}
