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

type Client = { -readonly [Key in keyof Straggler]: Straggler[Key] };

const MAX_CLIENTS = 500;
const MAX_CLIENT_ID_LENGTH = 256;

/** @param maxClients more clients than these push out the one that was silent for longest. */
export function createStragglers(maxClients = MAX_CLIENTS): Stragglers {
  const clients = new Map<string | null, Client>();
  let truncated = false;

  function enter(clientId: string | null): Client {
    if (clients.size >= maxClients) forgetOne();
    const client = { clientId, accepted: 0, lastSeenMs: 0, latestIssuedSeconds: null, latestExpirySeconds: 0 };
    clients.set(clientId, client);
    return client;
  }

  /** Looks for the silent one when there is one too many, so that a request of a known client need not keep order. */
  function forgetOne(): void {
    let silent: Client | undefined;
    for (const client of clients.values()) {
      if (silent === undefined || client.lastSeenMs < silent.lastSeenMs) silent = client;
    }
    if (silent !== undefined) clients.delete(silent.clientId);
    truncated = true;
  }

  return {
    note({ clientId, issuedAt, expiresAt }, nowMs, times = 1) {
      const key = clientId?.slice(0, MAX_CLIENT_ID_LENGTH) ?? null;
      const client = clients.get(key) ?? enter(key);
      client.accepted += times;
      client.lastSeenMs = Math.max(client.lastSeenMs, nowMs);
      client.latestExpirySeconds = Math.max(client.latestExpirySeconds, expiresAt);
      if (issuedAt !== undefined) client.latestIssuedSeconds = Math.max(client.latestIssuedSeconds ?? 0, issuedAt);
    },
    noteOthers() {
      truncated = true;
    },
    list: () => [...clients.values()].toSorted((one, other) => other.lastSeenMs - one.lastSeenMs),
    truncated: () => truncated,
  };
}
