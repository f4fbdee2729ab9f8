/** Reads a response body as UTF-8. Stops reading and returns `undefined` once it exceeds `maxBytes`. */
export async function readLimitedText(response: Response, maxBytes: number): Promise<string | undefined> {
  const decoder = new TextDecoder();
  let body = '';
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.byteLength;
    if (bytes > maxBytes) return undefined;
    body += decoder.decode(chunk, { stream: true });
  }
  return body + decoder.decode();
}
