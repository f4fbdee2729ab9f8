import type { Selection, Side } from '@crossfade/core';
import type { ClientEvent, TokenUse } from '../events/client-event.ts';
import type { MintedSides } from './issued-sides.ts';

/** The event of a selection. @param selected what the selector selected, before any fallback. */
export function selectionEvent(use: TokenUse, selected: Selection): ClientEvent {
  const { side, reason, revision, parts } = selected;
  return { type: 'selection', use, side, reason, revision, ...(parts !== undefined && { parts: reasonsOf(parts) }) };
}

function reasonsOf(parts: Readonly<Record<string, Selection>>) {
  return Object.fromEntries(Object.entries(parts).map(([salt, { side, reason }]) => [salt, { side, reason }]));
}

/** What the selector selected for a request. */
export interface AskedSides {
  readonly asked: Side;
  /** Of combined selectors: the side of each migration, by its salt. */
  readonly askedSides?: Readonly<Record<string, Side>>;
  /** The revision of the flag that the selector read. */
  readonly revision: string | null;
}

/** The event of a token that was issued. Of combined selectors it has the sides of each migration. */
export function mintEvent(
  use: TokenUse,
  { asked, askedSides, revision }: AskedSides,
  { side, sides }: MintedSides,
): ClientEvent {
  const event = { type: 'mint', use, asked, minted: side, revision } as const;
  if (askedSides === undefined || sides === undefined) return event;
  const partOf = ([salt, minted]: [string, MintedSides['side']]) => {
    const askedSide: Side = askedSides[salt] ?? 'legacy';
    return [salt, { asked: askedSide, minted }];
  };
  return { ...event, parts: Object.fromEntries(Object.entries(sides).map(partOf)) };
}
