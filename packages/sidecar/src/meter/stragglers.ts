import { type Clock, type FlagSource, formatInstant, type Judgement, type RejectionReason } from '@crossfade/core';
import type { StragglerList } from '@crossfade/core/status';
import type { CountedJudgement } from '@crossfade/validator/collector';
import { isLegacySeen, type SeenToken, seenToken } from '@crossfade/validator/meter';

/**
 * Why a client is listed, apart from accepted legacy tokens: the reason of a rejection; `bridge` for an accepted token
 * with both audiences; `after_close` for one that a close would refuse.
 */
type StragglerReason = RejectionReason | 'bridge' | 'after_close';

/** A client that comes with legacy or bridge tokens, or whose tokens we refuse and the API takes. */
interface Straggler {
  /** `null` where the tokens name no client. */
  readonly clientId: string | null;
  readonly accepted: number;
  readonly rejected: number;
  readonly reasons: Readonly<Partial<Record<StragglerReason, number>>>;
  readonly lastSeenMs: number;
  /** `null` where the tokens carry no `iat`. */
  readonly latestIssuedSeconds: number | null;
  /** Of the tokens that count as legacy seen, or that we refuse and the API takes. */
  readonly latestAffectedIssuedSeconds: number | null;
  readonly latestExpirySeconds: number;
  /** Connections that its legacy and bridge tokens opened and that are still open. */
  readonly openConnections: number;
}

/** Remembers the clients that a close concerns, those seen last; bounded. */
export interface Stragglers {
  /** Notes a judged request, or `times` alike ones, the last seen at `nowMs`. Ignores requests that a close does not concern. */
  note(judgement: CountedJudgement, nowMs: number, times?: number): void;
  /** Notes a request whose verified token we refuse and the API took. Ignores what `note` has listed. */
  noteDisagreement(judgement: CountedJudgement, nowMs: number, times?: number): void;
  /**
   * Notes that a verified legacy or bridge token opened a connection that outlives its request: its client stays listed
   * for as long.
   * @returns what notes its end, to be called once; `undefined` for any other token.
   */
  open(judgement: Judgement, nowMs: number): (() => void) | undefined;
  /** Notes that there were further clients, whose ids are unknown. */
  noteUnnamed(): void;
  /**
   * Most recent first, without those whose last token has expired, who have been silent for long enough, and who have no
   * connection open.
   */
  list(): readonly Straggler[];
  /** Whether the list lacks clients, because there were too many. */
  truncated(): boolean;
}

export interface StragglerSettings {
  readonly now: Clock;
  /** How long a client stays listed after its last request (`gate.silence`), if its last token has expired. */
  readonly silenceMs: number;
  /** Beyond this number, the client seen least recently is forgotten. Default: 500. */
  readonly maxClients?: number;
}

type Client = { -readonly [Key in keyof Straggler]: Straggler[Key] } & {
  reasons: Partial<Record<StragglerReason, number>>;
};

const MAX_CLIENTS = 500;
const MAX_CLIENT_ID_LENGTH = 256;

export function createStragglers({ now, silenceMs, maxClients = MAX_CLIENTS }: StragglerSettings): Stragglers {
  const clients = new Map<string | null, Client>();
  let truncated = false;

  function addClient(clientId: string | null): Client {
    if (clients.size >= maxClients) makeRoom();
    const client: Client = {
      clientId,
      accepted: 0,
      rejected: 0,
      reasons: {},
      lastSeenMs: 0,
      latestIssuedSeconds: null,
      latestAffectedIssuedSeconds: null,
      latestExpirySeconds: 0,
      openConnections: 0,
    };
    clients.set(clientId, client);
    return client;
  }

  /** Searches only when full, so that requests of known clients need not keep an order. */
  function makeRoom(): void {
    forgetGone();
    if (clients.size < maxClients) return;
    let oldest: Client | undefined;
    for (const client of clients.values()) {
      if (oldest === undefined || isForgottenBefore(client, oldest)) oldest = client;
    }
    if (oldest !== undefined) clients.delete(oldest.clientId);
    truncated = true;
  }

  function forgetGone(): void {
    const nowMs = now();
    for (const { clientId, latestExpirySeconds, lastSeenMs, openConnections } of clients.values()) {
      if (openConnections > 0) continue;
      const hasExpired = latestExpirySeconds * 1000 <= nowMs;
      if (hasExpired && lastSeenMs + silenceMs <= nowMs) clients.delete(clientId);
    }
  }

  function add(token: Omit<SeenToken, 'afterClose'>, nowMs: number): Client {
    const key = token.clientId?.slice(0, MAX_CLIENT_ID_LENGTH) ?? null;
    const client = clients.get(key) ?? addClient(key);
    client.lastSeenMs = Math.max(client.lastSeenMs, nowMs);
    client.latestExpirySeconds = Math.max(client.latestExpirySeconds, token.expiresAt);
    client.latestIssuedSeconds = later(client.latestIssuedSeconds, token.issuedAt);
    return client;
  }

  return {
    note(judgement, nowMs, times = 1) {
      const { audience } = judgement;
      if (audience !== 'legacy' && audience !== 'bridge') return;
      const token = seenToken(judgement);
      if (token === undefined) return;
      const client = add(token, nowMs);
      const isLegacy = isLegacySeen(audience, token.afterClose);
      if (isLegacy) client.latestAffectedIssuedSeconds = later(client.latestAffectedIssuedSeconds, token.issuedAt);
      if (judgement.outcome === 'rejected') {
        client.rejected += times;
        countReason(client, judgement.reason, times);
        return;
      }
      client.accepted += times;
      if (audience === 'bridge') countReason(client, isLegacy ? 'after_close' : 'bridge', times);
    },

    noteDisagreement(judgement, nowMs, times = 1) {
      if (judgement.outcome === 'accepted' || judgement.token === undefined) return;
      const { audience, token, reason } = judgement;
      const isListed = (audience === 'legacy' || audience === 'bridge') && !token.expired;
      if (isListed) return;
      const client = add(token, nowMs);
      client.latestAffectedIssuedSeconds = later(client.latestAffectedIssuedSeconds, token.issuedAt);
      client.rejected += times;
      countReason(client, reason, times);
    },

    open(judgement, nowMs) {
      if (judgement.audience !== 'legacy' && judgement.audience !== 'bridge') return undefined;
      const token = judgement.outcome === 'accepted' ? judgement : judgement.token;
      if (token === undefined) return undefined;
      const client = add(token, nowMs);
      client.openConnections += 1;
      return () => {
        client.openConnections -= 1;
      };
    },

    noteUnnamed() {
      truncated = true;
    },

    list() {
      forgetGone();
      return [...clients.values()].toSorted((one, other) => other.lastSeenMs - one.lastSeenMs);
    },

    truncated: () => truncated,
  };
}

/** A client with an open connection is forgotten last, because nothing would name it again. */
function isForgottenBefore(one: Client, other: Client): boolean {
  const [isOneOpen, isOtherOpen] = [one.openConnections > 0, other.openConnections > 0];
  return isOneOpen === isOtherOpen ? one.lastSeenMs < other.lastSeenMs : isOtherOpen;
}

function countReason({ reasons }: Client, reason: StragglerReason, times: number): void {
  reasons[reason] = (reasons[reason] ?? 0) + times;
}

function later(known: number | null, seconds: number | undefined): number | null {
  return seconds === undefined ? known : Math.max(known ?? 0, seconds);
}

/**
 * Returns the JSON of `/stragglers`. A client is still minting when its newest token that counts as legacy seen, or that we
 * refuse and the API takes, was issued after issuance took its position or, if that time is unknown, after this sidecar started.
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
      rejected: client.rejected,
      reasons: { ...client.reasons },
      lastSeenAt: formatInstant(client.lastSeenMs),
      latestIssuedAt: formatInstant(client.latestIssuedSeconds === null ? null : client.latestIssuedSeconds * 1000),
      latestExpiryAt: formatInstant(client.latestExpirySeconds * 1000),
      openConnections: client.openConnections,
      stillMinting: (client.latestAffectedIssuedSeconds ?? 0) * 1000 > sinceMs,
    })),
    truncated: stragglers.truncated(),
  };
}
