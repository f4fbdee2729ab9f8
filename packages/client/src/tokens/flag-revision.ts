import type { Selector } from '@crossfade/selector';

/** The revision of the flag, also for a user who is forced to a side, whose selection has none; `null` while it cannot be read. */
export function flagRevision(selector: Selector): string | null {
  return selector.select({}).revision;
}
