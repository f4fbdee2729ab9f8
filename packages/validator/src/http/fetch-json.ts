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

/**
 * Fetches a JSON document over HTTP. Follows no redirect: the response would come from a server that the operator did
 * not configure.
 * @throws an `Error` unless the response is 200 with JSON of at most 1 MiB. Its message holds no content.
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
  return fetch(url, { redirect: 'manual', signal, headers: { accept: 'application/json', ...headers } });
}

async function readJson(url: URL, response: Response): Promise<unknown> {
  if (response.status !== 200) {
    await response.body?.cancel();
    throw new Error(`${url} answered ${response.status}`);
  }
  const body = await readLimitedText(response, MAX_BYTES);
  if (body === undefined) throw new Error(`${url} answered with more than ${MAX_BYTES} bytes`);
  try {
    return JSON.parse(body);
  } catch {
    throw new Error(`${url} did not answer with JSON`);
  }
}
