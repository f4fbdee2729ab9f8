import { formatInstant } from '@crossfade/core';
import type { CollectorStatus } from '@crossfade/core/status';
import type { Collector } from './collector.ts';
import type { Senders } from './senders.ts';

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
