import type { RequestParameters } from '@crossfade/core';

/**
 * Lists request parameters as pairs of name and value, for `new URLSearchParams(parameterEntries(parameters))`. A repeated
 * `resource` becomes several pairs (RFC 8707 §2); `new URLSearchParams(parameters)` would join its values with commas.
 */
export function parameterEntries(parameters: RequestParameters): [name: string, value: string][] {
  const entries: [string, string | readonly string[]][] = Object.entries(parameters);
  return entries.flatMap(([name, value]) => [value].flat().map((one): [string, string] => [name, String(one)]));
}
