/** The values of one header, in any spelling of its name: API Gateway keeps the client's spelling. */
export function headersNamed<V>(
  headers: Readonly<Record<string, V | undefined>> | null | undefined,
  name: string,
): V[] {
  return Object.entries(headers ?? {}).flatMap(([spelling, value]) =>
    value !== undefined && spelling.toLowerCase() === name ? [value] : [],
  );
}
