import { formatInstant } from '@crossfade/core';
import type { Collector } from './collector.ts';
import type { SenderState, Senders } from './senders.ts';

/** What `/status` says of one process that sends its judgements. */
interface SenderStatus {
  readonly sender: string;
  readonly name: string | null;
  readonly state: SenderState;
  readonly acceptance: string;
  readonly lastHeardAt: string | null;
  readonly counted: number;
  readonly lost: number;
}

/** What `/status` adds in `collect` mode. */
export interface CollectorStatus {
  /** Somebody reports, and nobody is silent who should; while `false`, silence proves nothing. */
  readonly watching: boolean;
  readonly batches: ReturnType<Collector['batches']>;
  /** The ones heard last. */
  readonly senders: readonly SenderStatus[];
  /** There are more than are listed. */
  readonly truncated: boolean;
}

const MAX_LISTED = 100;

export function readCollectorStatus(senders: Senders, collector: Pick<Collector, 'batches'>): CollectorStatus {
  const all = senders.list();
  return {
    watching: senders.isWatching(),
    batches: { ...collector.batches() },
    senders: all
      .slice(0, MAX_LISTED)
      .map(({ lastHeardMs, ...sender }) => ({ ...sender, lastHeardAt: formatInstant(lastHeardMs) })),
    truncated: all.length > MAX_LISTED,
  };
}
