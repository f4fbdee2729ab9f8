/** The values of one header, however its name is spelled: API Gateway keeps the spellings of clients apart. */
export function headersNamed<V>(
  headers: Readonly<Record<string, V | undefined>> | null | undefined,
  name: string,
): V[] {
  return Object.entries(headers ?? {}).flatMap(([spelled, value]) =>
    value !== undefined && spelled.toLowerCase() === name ? [value] : [],
  );
}
