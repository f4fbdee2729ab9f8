/** A member of a claim that is an object, at whatever depth. */
export interface NestedClaim {
  /** The name of the claim, then those of the members. */
  readonly path: readonly string[];
  /** Its JSON type. */
  readonly type: string;
}

/** What stands deeper is left out: no API's contract does. */
const MAX_DEPTH = 8;
/** The keys of an object may be data, such as the ids of organisations: only what looks like a name is printed. */
const NAME = /^[A-Za-z][A-Za-z_-]{0,39}\d{0,3}$/;

/** Lists the members of every claim that is an object, those of members likewise, in the token's order. */
export function nestedClaims(claims: object): readonly NestedClaim[] {
  return Object.entries(claims).flatMap(([name, value]) => membersOf([name], value));
}

function membersOf(path: readonly string[], value: unknown): readonly NestedClaim[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value) || path.length === MAX_DEPTH) return [];
  return Object.entries(value).flatMap(([name, member]) => {
    const own = [...path, name];
    return member === null ? [] : [{ path: own, type: typeOf(member) }, ...membersOf(own, member)];
  });
}

/** Returns the JSON type of a value that is not `null`. */
export function typeOf(value: unknown): string {
  return Array.isArray(value) ? 'list' : typeof value;
}

/** Returns a path for printing, such as `tenant.region`; a member whose key may be data is `*`. */
export function printablePath(
  [claim = '', ...members]: readonly string[],
  printClaim: (name: string) => string,
): string {
  return [printClaim(claim), ...members.map((name) => (NAME.test(name) ? name : '*'))].join('.');
}

/** Tells paths apart, whatever characters their names have. */
export function pathKey(path: readonly string[]): string {
  return JSON.stringify(path);
}

/** Whether a path is, or leads below, another one. */
export function isWithin(path: readonly string[], other: readonly string[]): boolean {
  return other.every((name, index) => path[index] === name);
}
