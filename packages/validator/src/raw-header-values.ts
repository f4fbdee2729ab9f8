/**
 * The value of one header, as it nearly always comes; all of its values where it comes more than once.
 * @param name - in lower case.
 */
export function rawHeaderValue(rawHeaders: readonly string[], name: string): string | readonly string[] | undefined {
  let value: string | undefined;
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    if (!isNamed(rawHeaders[index], name)) continue;
    if (value !== undefined) return rawHeaderValues(rawHeaders, name);
    value = rawHeaders[index + 1];
  }
  return value;
}

/**
 * Every value of one header among the raw headers of a Node.js request, in order. `request.headers` silently drops
 * or joins what comes more than once, so the next hop could read another value than we did.
 * @param name - in lower case.
 */
export function rawHeaderValues(rawHeaders: readonly string[], name: string): readonly string[] {
  const values: string[] = [];
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    if (isNamed(rawHeaders[index], name)) values.push(rawHeaders[index + 1] ?? '');
  }
  return values;
}

function isNamed(field: string | undefined, name: string): boolean {
  return field?.length === name.length && (field === name || field.toLowerCase() === name);
}
