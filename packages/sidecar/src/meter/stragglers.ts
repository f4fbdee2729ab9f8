import type { AcceptedJudgement } from '@crossfade/core';

/** A client that still uses the legacy audience. */
interface Straggler {
  /** `null` where the tokens name no client. */
  readonly clientId: string | null;
  readonly accepted: number;
  readonly lastSeenMs: number;
  /** `null` where the tokens carry no `iat`. */
  readonly latestIssuedSeconds: number | null;
  readonly latestExpirySeconds: number;
}

/** Remembers which clients still use the legacy audience: the ones seen last, bounded. */
export interface Stragglers {
  /** Notes a request, or `times` alike ones of which the last was seen at `nowMs`. */
  note(judgement: Pick<AcceptedJudgement, 'clientId' | 'issuedAt' | 'expiresAt'>, nowMs: number, times?: number): void;
  /** There were others, which nobody named. */
  noteOthers(): void;
  /** Most recent first. */
  list(): readonly Straggler[];
  /** Some were forgotten, because there were too many. */
  truncated(): boolean;
}

const MAX_CLIENTS = 500;
const MAX_CLIENT_ID_LENGTH = 256;

/** @param maxClients more clients than these push out the one that was silent for longest. */
export function createStragglers(maxClients = MAX_CLIENTS): Stragglers {
  const clients = new Map<string | null, { -readonly [Key in keyof Straggler]: Straggler[Key] }>();
  let truncated = false;
  return {
    note({ clientId, issuedAt, expiresAt }, nowMs, times = 1) {
      const key = clientId?.slice(0, MAX_CLIENT_ID_LENGTH) ?? null;
      const known = clients.get(key);
      const client = known ?? {
        clientId: key,
        accepted: 0,
        lastSeenMs: 0,
        latestIssuedSeconds: null,
        latestExpirySeconds: 0,
      };
      client.accepted += times;
      client.lastSeenMs = Math.max(client.lastSeenMs, nowMs);
      client.latestExpirySeconds = Math.max(client.latestExpirySeconds, expiresAt);
      if (issuedAt !== undefined) client.latestIssuedSeconds = Math.max(client.latestIssuedSeconds ?? 0, issuedAt);
      // Deleting first keeps the map in the order of last use, so that its first key is the one to forget.
      if (known !== undefined) clients.delete(key);
      clients.set(key, client);
      if (clients.size <= maxClients) return;
      for (const silent of clients.keys()) {
        clients.delete(silent);
        truncated = true;
        break;
      }
    },
    noteOthers() {
      truncated = true;
    },
    list: () => [...clients.values()].reverse(),
    truncated: () => truncated,
  };
}
