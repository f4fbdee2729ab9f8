/** Header or trailer fields as they arrived: names and values in turn. */
export type RawFields = readonly (Buffer | string)[];

/** Header fields are octets; latin1 keeps each one. */
export function fieldText(raw: Buffer | string | undefined): string {
  return typeof raw === 'string' ? raw : (raw?.toString('latin1') ?? '');
}

/**
 * Returns every value of a field, joined with commas (RFC 9110 §5.3); `undefined` if there is none.
 * @param name in lower case.
 */
export function fieldValue(fields: RawFields, name: string): string | undefined {
  let value: string | undefined;
  for (let index = 0; index + 1 < fields.length; index += 2) {
    const raw = fields[index];
    if (raw?.length !== name.length || fieldText(raw).toLowerCase() !== name) continue;
    const text = fieldText(fields[index + 1]);
    value = value === undefined ? text : `${value}, ${text}`;
  }
  return value;
}
