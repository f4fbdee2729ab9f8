import { type AcceptedJudgement, type FlagSource, formatInstant } from '@crossfade/core';
import type { StragglerList } from '@crossfade/core/status';

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

/** Remembers the clients that used the legacy audience last; bounded. */
export interface Stragglers {
  /** Notes a request, or `times` alike ones, the last seen at `nowMs`. */
  note(judgement: Pick<AcceptedJudgement, 'clientId' | 'issuedAt' | 'expiresAt'>, nowMs: number, times?: number): void;
  /** Notes that there were further clients, whose ids are unknown. */
  noteUnnamed(): void;
  /** Most recent first. */
  list(): readonly Straggler[];
  /** Whether the list lacks clients, because there were too many. */
  truncated(): boolean;
}

type Client = { -readonly [Key in keyof Straggler]: Straggler[Key] };

const MAX_CLIENTS = 500;
const MAX_CLIENT_ID_LENGTH = 256;

/** @param maxClients beyond this number, the client seen least recently is forgotten. */
export function createStragglers(maxClients = MAX_CLIENTS): Stragglers {
  const clients = new Map<string | null, Client>();
  let truncated = false;

  function addClient(clientId: string | null): Client {
    if (clients.size >= maxClients) forgetLeastRecent();
    const client = { clientId, accepted: 0, lastSeenMs: 0, latestIssuedSeconds: null, latestExpirySeconds: 0 };
    clients.set(clientId, client);
    return client;
  }

  /** Searches only when full, so that requests of known clients need not keep an order. */
  function forgetLeastRecent(): void {
    let oldest: Client | undefined;
    for (const client of clients.values()) {
      if (oldest === undefined || client.lastSeenMs < oldest.lastSeenMs) oldest = client;
    }
    if (oldest !== undefined) clients.delete(oldest.clientId);
    truncated = true;
  }

  return {
    note({ clientId, issuedAt, expiresAt }, nowMs, times = 1) {
      const key = clientId?.slice(0, MAX_CLIENT_ID_LENGTH) ?? null;
      const client = clients.get(key) ?? addClient(key);
      client.accepted += times;
      client.lastSeenMs = Math.max(client.lastSeenMs, nowMs);
      client.latestExpirySeconds = Math.max(client.latestExpirySeconds, expiresAt);
      if (issuedAt !== undefined) client.latestIssuedSeconds = Math.max(client.latestIssuedSeconds ?? 0, issuedAt);
    },
    noteUnnamed() {
      truncated = true;
    },
    list: () => [...clients.values()].toSorted((one, other) => other.lastSeenMs - one.lastSeenMs),
    truncated: () => truncated,
  };
}

/**
 * Returns the JSON of `/stragglers`. A client is still minting when its newest legacy token was issued after issuance took
 * its position or, if that time is unknown, after this sidecar started.
 */
export function readStragglers(
  stragglers: Stragglers,
  flags: Pick<FlagSource, 'snapshot'>,
  startedAtMs: number,
): StragglerList {
  const sinceMs = flags.snapshot().document.issuance.sinceMs ?? startedAtMs;
  return {
    clients: stragglers.list().map((client) => ({
      clientId: client.clientId,
      accepted: client.accepted,
      lastSeenAt: formatInstant(client.lastSeenMs),
      latestIssuedAt: formatInstant(client.latestIssuedSeconds === null ? null : client.latestIssuedSeconds * 1000),
      latestExpiryAt: formatInstant(client.latestExpirySeconds * 1000),
      stillMinting: client.latestIssuedSeconds !== null && client.latestIssuedSeconds * 1000 > sinceMs,
    })),
    truncated: stragglers.truncated(),
  };
}
