import { setMaxListeners } from 'node:events';
import { errorCode, UnavailableError } from '@crossfade/core';

export interface JsonRequest {
  /** Sent as a Bearer token, unless the URL holds credentials. */
  readonly bearer?: string | undefined;
  readonly timeoutMs: number;
  readonly maxBytes: number;
  /** Ends the request. */
  readonly signal: AbortSignal;
}

export interface JsonResponse {
  readonly body: unknown;
  /** The `Link` header (RFC 8288); `null` without one. */
  readonly link: string | null;
}

/**
 * GETs a JSON document. Sends credentials in the URL as HTTP Basic. Follows no redirect: a token is for the named server alone.
 * @throws `UnavailableError` that says why, without address and payload.
 */
export async function readJson(url: string, request: JsonRequest): Promise<JsonResponse> {
  const { response, text } = await get(url, request);
  if (response.status !== 200) throw new UnavailableError(describeStatus(response.status));
  if (text === undefined) throw new UnavailableError(`sent more than ${request.maxBytes} bytes`);
  try {
    return { body: JSON.parse(text), link: response.headers.get('link') };
  } catch (error) {
    throw new UnavailableError('did not return JSON', { cause: error });
  }
}

async function get(url: string, { bearer, timeoutMs, maxBytes, signal }: JsonRequest) {
  const { address, headers } = addressOf(url, bearer);
  const ending = new AbortController();
  const end = () => ending.abort();
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    end();
  }, timeoutMs);
  // The requests of a whole reading share it.
  setMaxListeners(0, signal);
  signal.addEventListener('abort', end);
  if (signal.aborted) end();
  try {
    const response = await fetch(address, { headers, redirect: 'manual', signal: ending.signal });
    const text = await readText(response, maxBytes);
    if (text === undefined) end();
    return { response, text };
  } catch (error) {
    if (isLate) throw new UnavailableError(`did not respond within ${timeoutMs / 1000}s`, { cause: error });
    const code = error instanceof Error ? errorCode(error.cause) : undefined;
    throw new UnavailableError(`cannot be reached${code === undefined ? '' : ` (${code})`}`, { cause: error });
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', end);
  }
}

/** Returns `undefined` when there is more than `maxBytes`. */
async function readText({ body }: Response, maxBytes: number): Promise<string | undefined> {
  if (body === null) return '';
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.byteLength;
    if (bytes > maxBytes) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function addressOf(url: string, bearer: string | undefined): { address: URL; headers: Record<string, string> } {
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

const STATUSES: Readonly<Record<number, string>> = {
  401: 'responded with 401: set CROSSFADE_READ_TOKEN of this sidecar to the secret that the other one has as CROSSFADE_SIDECAR_READ_TOKEN',
  404: 'responded with 404: its metrics port tells once CROSSFADE_SIDECAR_READ_TOKEN is set',
  421: 'listens on loopback and does not respond to that name',
};

function describeStatus(status: number): string {
  return STATUSES[status] ?? `responded with ${status}`;
}
