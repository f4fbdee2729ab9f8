const MAX_CLIENT_ID_LENGTH = 256;

/** The clients beyond those that a batch can name. */
export const OTHERS = Symbol('others');

/** `undefined` where the tokens name no client, or where their client is of no interest. */
export type ClientKey = string | undefined | typeof OTHERS;

/** Like judgements, counted together. */
export interface Group {
  count: number;
  lastSeenMs: number;
  issuedAt: number;
  expiresAt: number;
}

export function emptyGroup(): Group {
  return { count: 0, lastSeenMs: 0, issuedAt: 0, expiresAt: 0 };
}

export function count(group: Group, seenMs: number, issuedAt = 0, expiresAt = 0): void {
  group.count += 1;
  group.lastSeenMs = seenMs;
  if (issuedAt > group.issuedAt) group.issuedAt = issuedAt;
  if (expiresAt > group.expiresAt) group.expiresAt = expiresAt;
}

/** @returns a client id as a batch names it. */
export function clientName(clientId: string | undefined): string | undefined {
  return clientId?.slice(0, MAX_CLIENT_ID_LENGTH);
}

/** How many there were, and how long ago the last one was. */
export function seenOf({ count, lastSeenMs }: Group, nowMs: number): { count: number; ageMs: number } {
  return { count, ageMs: Math.max(0, Math.round(nowMs - lastSeenMs)) };
}

export function clientOf(client: ClientKey): { clientId?: string; others?: true } {
  if (client === OTHERS) return { others: true };
  return client === undefined ? {} : { clientId: client };
}

/** Clamps times that JSON cannot represent. */
export function timesOf({ issuedAt, expiresAt }: Group): { issuedAt?: number; expiresAt: number } {
  const latest = Math.min(expiresAt, Number.MAX_SAFE_INTEGER);
  return issuedAt > 0
    ? { issuedAt: Math.min(issuedAt, Number.MAX_SAFE_INTEGER), expiresAt: latest }
    : { expiresAt: latest };
}
