import { type FlagSource, formatInstant } from '@crossfade/core';
import type { Stragglers } from './stragglers.ts';

/** What `/stragglers` says of one client. */
interface StragglerStatus {
  readonly clientId: string | null;
  readonly accepted: number;
  readonly lastSeenAt: string | null;
  readonly latestIssuedAt: string | null;
  readonly latestExpiryAt: string | null;
  /** It got a legacy token since the last login that should have given one, so it is not only using up old ones. */
  readonly stillMinting: boolean;
}

/** The JSON of `/stragglers`. */
export interface StragglersStatus {
  readonly clients: readonly StragglerStatus[];
  /** There were more clients than are remembered. */
  readonly truncated: boolean;
}

/**
 * A client is still minting when its newest legacy token was issued after issuance took its position or, where nobody
 * noted that, after this sidecar started.
 */
export function readStragglers(
  stragglers: Stragglers,
  flags: Pick<FlagSource, 'snapshot'>,
  startedAtMs: number,
): StragglersStatus {
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
