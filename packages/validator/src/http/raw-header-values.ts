const AUTHORIZATION = 'authorization';

/** The value of the `Authorization` header, as it nearly always comes; all of its values where it comes more than once. */
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

/** Nearly every request has it, in one of the first two spellings. */
function isAuthorization(field: string | undefined): boolean {
  if (field?.length !== AUTHORIZATION.length) return false;
  return field === 'Authorization' || field === AUTHORIZATION || isNamed(field, AUTHORIZATION);
}

function isNamed(field: string | undefined, name: string): boolean {
  return field?.length === name.length && field.toLowerCase() === name;
}
