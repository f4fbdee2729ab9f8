import type { Selection } from '@crossfade/core';
import { mergeSelections, type Selector } from '@crossfade/selector';

/**
 * Creates the selector of one machine: while the switch cannot be read, the machine stays on the side that it has, so that an
 * outage of the flag store moves no client.
 * @param key by which the machine selects. Other requests, such as forced ones, pass unchanged.
 */
export function stickySelector(selector: Selector, key: string): Selector {
  let latest: Selection | undefined;
  return {
    ...selector,
    select(request) {
      const selection = selector.select(request);
      if (request.key !== key || request.side !== undefined) return selection;
      latest = latest === undefined ? selection : keepUnknown(latest, selection);
      return latest;
    },
  };
}

/** A migration whose switch cannot be read stays as it was; the others of a combination move. */
function keepUnknown(previous: Selection, selection: Selection): Selection {
  if (selection.parts === undefined) return selection.reason === 'default' ? previous : selection;
  const parts = Object.entries(selection.parts).map(([salt, part]): [string, Selection] => {
    return [salt, keepUnknown(previous.parts?.[salt] ?? part, part)];
  });
  return mergeSelections(Object.fromEntries(parts));
}
