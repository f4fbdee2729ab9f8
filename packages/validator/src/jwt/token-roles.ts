import type { JsonObject } from './strict-json.ts';
import { readStringArray } from './string-array.ts';

const STANDARD: readonly string[] = ['roles'];
const COGNITO: readonly string[] = ['cognito:groups'];

/**
 * Reads the roles of a verified token from exactly one claim: the union of two would grant more than either says. A
 * value that is neither a string nor a list of strings grants no role.
 *
 * @param path - the claim's name, followed by the names of nested members. Absent: `roles` (RFC 9068 §2.2.3.1), or
 * `cognito:groups`, a name specific to Amazon Cognito, in a token without `roles`.
 */
export function readTokenRoles(claims: JsonObject, path?: readonly string[]): readonly string[] {
  const named = path ?? (Object.hasOwn(claims, 'roles') ? STANDARD : COGNITO);
  return Object.freeze([...new Set(readStringArray(valueAt(claims, named)))]);
}

function valueAt(claims: JsonObject, path: readonly string[]): unknown {
  let value: unknown = claims;
  for (const name of path) {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
    if (!Object.hasOwn(value, name)) return undefined;
    value = (value as JsonObject)[name];
  }
  return value;
}
