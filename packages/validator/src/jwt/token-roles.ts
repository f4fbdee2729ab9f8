import type { JsonObject } from './strict-json.ts';
import { readStringArray } from './string-array.ts';

const STANDARD: readonly string[] = ['roles'];
const COGNITO: readonly string[] = ['cognito:groups'];

/**
 * The roles that the claims of a verified token name in one place, and in no other: roles of two places added up would
 * open more than either of them says. What is of another shape names none.
 *
 * @param path - the name of the claim, with those of the members that lead into it. Absent: `roles` (RFC 9068
 * §2.2.3.1), or `cognito:groups` in a token without that claim, a name that nobody but Amazon Cognito gives out.
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
