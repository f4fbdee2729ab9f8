const AUTHORIZATION = 'authorization';

/** The value of the `Authorization` header; all of its values if it is repeated. */
export function rawAuthorization(rawHeaders: readonly string[]): string | readonly string[] | undefined {
  let value: string | undefined;
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    if (!isAuthorization(rawHeaders[index])) continue;
    if (value !== undefined) return rawHeaderValues(rawHeaders, AUTHORIZATION);
    value = rawHeaders[index + 1];
  }
  return value;
}

/**
 * Every value of one header among the raw headers of a Node.js request, in order. `request.headers` silently drops or
 * joins repeated headers, so the next hop could read a different value.
 * @param name - in lower case.
 */
export function rawHeaderValues(rawHeaders: readonly string[], name: string): readonly string[] {
  const values: string[] = [];
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    if (isNamed(rawHeaders[index], name)) values.push(rawHeaders[index + 1] ?? '');
  }
  return values;
}

/** The names of all headers, as sent. */
export function rawHeaderNames(rawHeaders: readonly string[]): readonly string[] {
  return rawHeaders.filter((_text, index) => index % 2 === 0);
}

/** Fast path: nearly every request has the header in one of these two spellings. */
function isAuthorization(field: string | undefined): boolean {
  if (field?.length !== AUTHORIZATION.length) return false;
  return field === 'Authorization' || field === AUTHORIZATION || isNamed(field, AUTHORIZATION);
}

function isNamed(field: string | undefined, name: string): boolean {
  return field?.length === name.length && field.toLowerCase() === name;
}
