import { type FlagSource, formatInstant } from '@crossfade/core';
import type { StragglerList } from '@crossfade/core/status';
import type { Stragglers } from './stragglers.ts';

/**
 * A client is still minting when its newest legacy token was issued after issuance took its position or, where nobody
 * noted that, after this sidecar started.
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
