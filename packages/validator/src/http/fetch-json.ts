import { freshForMs } from './cache-control.ts';
import { readLimitedText } from './read-limited-text.ts';

const MAX_BYTES = 1_048_576;

/** A JSON document, and what its server says about using it again. */
export interface JsonDocument {
  readonly json: unknown;
  readonly etag: string | undefined;
  /** See {@link freshForMs}. */
  readonly freshForMs: number | undefined;
}

/** A server responded, but not with what was asked for. */
export class UnexpectedResponseError extends Error {
  /** What was wrong, without the URL: `answered 503`. */
  readonly what: string;
  /** Whether asking again may help: not where the server means what it says. */
  readonly isTemporary: boolean;

  constructor(url: URL, what: string, status?: number) {
    super(`${url} ${what}`);
    this.name = new.target.name;
    this.what = what;
    this.isTemporary = status !== undefined && (status >= 500 || status === 429 || status === 408);
  }
}

/**
 * Fetches a JSON document over HTTP. Follows no redirect: the response would come from a server that the operator did
 * not configure.
 * @throws {@link UnexpectedResponseError} unless the response is 200 with JSON of at most 1 MiB. Its message holds no
 * content.
 */
export async function fetchJson(url: URL, signal: AbortSignal): Promise<unknown> {
  return readJson(url, await get(url, signal, {}));
}

/**
 * Like {@link fetchJson}, past every cache on the way. The server may say that the `known` document has not changed (304,
 * RFC 9110 §13.1.2).
 */
export async function fetchDocument(url: URL, signal: AbortSignal, known?: JsonDocument): Promise<JsonDocument> {
  const condition = known?.etag === undefined ? {} : { 'if-none-match': known.etag };
  const response = await get(url, signal, { 'cache-control': 'no-cache', ...condition });
  const { headers, status } = response;
  if (status === 304 && known?.etag !== undefined) return { ...known, freshForMs: freshForMs(headers) };
  const json = await readJson(url, response);
  return { json, etag: headers.get('etag') ?? undefined, freshForMs: freshForMs(headers) };
}

function get(url: URL, signal: AbortSignal, headers: Readonly<Record<string, string>>): Promise<Response> {
  return fetchTwice(url, { redirect: 'manual', signal, headers: { accept: 'application/json', ...headers } });
}

/**
 * Retries once, for requests that change nothing: a keep-alive connection may have been closed meanwhile, above all while
 * this process was paused.
 */
export async function fetchTwice(url: URL, request: RequestInit & { readonly signal: AbortSignal }): Promise<Response> {
  try {
    return await fetch(url, request);
  } catch (error) {
    if (request.signal.aborted) throw error;
    return fetch(url, request);
  }
}

async function readJson(url: URL, response: Response): Promise<unknown> {
  if (response.status !== 200) {
    await response.body?.cancel();
    throw new UnexpectedResponseError(url, `answered ${response.status}`, response.status);
  }
  const body = await readLimitedText(response, MAX_BYTES);
  if (body === undefined) throw new UnexpectedResponseError(url, `answered with more than ${MAX_BYTES} bytes`);
  try {
    return JSON.parse(body);
  } catch {
    throw new UnexpectedResponseError(url, 'did not answer with JSON');
  }
}
