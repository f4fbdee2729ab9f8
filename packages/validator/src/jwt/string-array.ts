/**
 * Reads a claim that is a list of strings, or one string for a list of one (RFC 7519 §4.1.3). Absent: an empty list.
 * @returns `undefined` for any other value.
 */
export function readStringArray(value: unknown): readonly string[] | undefined {
  if (value === undefined) return [];
  if (typeof value === 'string') return [value];
  return Array.isArray(value) && value.every((entry) => typeof entry === 'string') ? value : undefined;
}
