/** A JWT as it reads, without any check. */
export interface DecodedToken {
  readonly header: Readonly<Record<string, unknown>>;
  readonly claims: Readonly<Record<string, unknown>>;
}

/** Decodes a JWT without verifying it, for comparisons and hints, never for a decision; `undefined` for any other token. */
export function decodeToken(token: string): DecodedToken | undefined {
  const [header, claims, ...rest] = token.split('.').slice(0, 3).map(readObject);
  if (rest.length !== 1 || token.split('.').length !== 3) return undefined;
  return header === undefined || claims === undefined ? undefined : { header, claims };
}

function readObject(part: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}

/** Whatever a terminal would obey: anyone can have written a token. */
const UNSAFE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;
const LONGEST_NAME = 80;

/** A name from a token, safe to print. */
export function printableName(name: string): string {
  const clean = name.replace(UNSAFE, '\uFFFD');
  return clean.length > LONGEST_NAME ? `${clean.slice(0, LONGEST_NAME)}…` : clean;
}
