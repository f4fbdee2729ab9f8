/** Whether a body can be sent only once. */
export function isStream(body: RequestInit['body']): boolean {
  if (typeof body !== 'object' || body === null) return false;
  return body instanceof ReadableStream || Symbol.asyncIterator in body;
}
