import type { Judgement, Outcome } from '@crossfade/core';
import type { OpenConnectionCounts } from '@crossfade/core/status';
import { isLegacySeen } from '@crossfade/validator/meter';
import type { Stragglers } from './stragglers.ts';

/** The client's side of an exchange. */
export interface ClientEnd {
  /** Ends the exchange for both sides, complete or not. */
  destroy(): unknown;
}

/**
 * The connections that outlive their requests: the API took the token, and the exchange goes on for as long as either
 * side likes (WebSocket, gRPC and event streams). A token is looked at when it opens one, and never again, so that
 * neither its expiry nor a close of the legacy audience ends it.
 */
export interface OpenConnections {
  /**
   * Notes that a token opened a connection.
   * @returns what notes its end, to be called once; `undefined` for a token that carries neither of our audiences.
   */
  open(judgement: Judgement, client: ClientEnd, nowMs: number): (() => void) | undefined;
  counts(): OpenConnectionCounts;
  /** Ends those whose tokens a close refuses. @returns how many there were. */
  endRefused(): number;
}

interface OpenConnectionsParts {
  readonly stragglers: Pick<Stragglers, 'open'>;
  /** Whether a connection whose token a close refuses ends as soon as it is open; see `sidecar.legacyConnections`. */
  readonly endsRefused: () => boolean;
}

export function createOpenConnections({ stragglers, endsRefused }: OpenConnectionsParts): OpenConnections {
  const counts = { legacy: 0, target: 0, bridge: 0 };
  /** Those whose tokens a close refuses. */
  const refused = new Set<{ readonly client: ClientEnd }>();
  return {
    open(judgement, client, nowMs) {
      const { audience } = judgement;
      if (audience !== 'legacy' && audience !== 'target' && audience !== 'bridge') return undefined;
      counts[audience] += 1;
      const noteEnd = stragglers.open(judgement, nowMs);
      const connection = { client };
      if (isLegacySeen(audience, afterCloseOf(judgement))) {
        refused.add(connection);
        // Its response is just being forwarded.
        if (endsRefused()) setImmediate(() => refused.has(connection) && client.destroy());
      }
      return () => {
        counts[audience] -= 1;
        refused.delete(connection);
        noteEnd?.();
      };
    },
    counts: () => ({ ...counts }),
    endRefused() {
      const connections = [...refused];
      for (const { client } of connections) client.destroy();
      return connections.length;
    },
  };
}

function afterCloseOf(judgement: Judgement): Outcome {
  if (judgement.outcome === 'accepted') return judgement.afterClose;
  return judgement.token?.afterClose ?? 'rejected';
}
