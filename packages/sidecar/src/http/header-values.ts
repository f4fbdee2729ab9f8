/**
 * Every value of one header, in order.
 * @param name in lower case.
 */
export function headerValues(rawHeaders: readonly string[], name: string): readonly string[] {
  const values: string[] = [];
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    if (isNamed(rawHeaders[index], name)) values.push(rawHeaders[index + 1] ?? '');
  }
  return values;
}

/**
 * Whether a header is there.
 * @param name in lower case.
 */
export function hasHeader(rawHeaders: readonly string[], name: string): boolean {
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) if (isNamed(rawHeaders[index], name)) return true;
  return false;
}

/** The names of all headers, as sent. */
export function headerNames(rawHeaders: readonly string[]): readonly string[] {
  return rawHeaders.filter((_text, index) => index % 2 === 0);
}

function isNamed(field: string | undefined, name: string): boolean {
  return field?.length === name.length && field.toLowerCase() === name;
}
