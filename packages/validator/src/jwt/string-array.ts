/**
 * A claim that lists texts, where one text stands for a list of one (RFC 7519 §4.1.3). Absent: an empty list.
 * @returns `undefined` when it is anything else.
 */
export function readStringArray(value: unknown): readonly string[] | undefined {
  if (value === undefined) return [];
  if (typeof value === 'string') return [value];
  return Array.isArray(value) && value.every((entry) => typeof entry === 'string') ? value : undefined;
}
