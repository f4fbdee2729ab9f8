/**
 * Every value of one header among the raw headers of a Node.js request, in order. `request.headers` silently drops
 * or joins what comes more than once, so the next hop could read another value than we did.
 * @param name - in lower case.
 */
export function rawHeaderValues(rawHeaders: readonly string[], name: string): readonly string[] {
  const values: string[] = [];
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const field = rawHeaders[index];
    if (field?.length === name.length && field.toLowerCase() === name) values.push(rawHeaders[index + 1] ?? '');
  }
  return values;
}
