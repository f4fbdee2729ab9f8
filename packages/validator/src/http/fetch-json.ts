import { readLimitedText } from './read-limited-text.ts';

const MAX_BYTES = 1_048_576;

/**
 * Fetches a JSON document over HTTP. Follows no redirect: the response would come from a server that the operator did
 * not configure.
 * @throws an `Error` unless the response is 200 with JSON of at most 1 MiB. Its message holds no content.
 */
export async function fetchJson(url: URL, signal: AbortSignal): Promise<unknown> {
  const response = await fetch(url, { redirect: 'manual', signal, headers: { accept: 'application/json' } });
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
