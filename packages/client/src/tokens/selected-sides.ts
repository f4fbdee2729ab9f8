import type { Side } from '@crossfade/core';
import type { SelectionRequest, Selector } from '@crossfade/selector';

/** The side of a login or a session. With combined selectors each migration has its own. */
export interface SelectedSides {
  /** `target` if every migration is on target, else `legacy`. */
  readonly side: Side;
  /** The side of each migration, by its salt; absent unless selectors are combined. */
  readonly sides?: Readonly<Record<string, Side>>;
}

/** Returns the sides of a selection or of one of a refresh. */
export function selectedSides(selected: {
  readonly side: Side;
  readonly parts?: Readonly<Record<string, { readonly side: Side }>>;
}): SelectedSides {
  const { side, parts } = selected;
  if (parts === undefined) return { side };
  return wholeOf(Object.fromEntries(Object.entries(parts).map(([salt, part]) => [salt, part.side])));
}

/** Combines the sides of several migrations. */
export function wholeOf(sides: Readonly<Record<string, Side>>): SelectedSides {
  return { side: Object.values(sides).every((side) => side === 'target') ? 'target' : 'legacy', sides };
}

/** Returns the request that selects these sides again. A migration that joined since is on legacy. */
export function requestSides({ side, sides }: SelectedSides, selector: Selector): SelectionRequest {
  if (sides === undefined) return { side };
  return {
    sides: Object.fromEntries(
      selector.migrations.map(({ salt }) => [salt, sides[salt] === 'target' ? 'target' : 'legacy']),
    ),
  };
}

/** Whether both have every migration on the same side. */
export function haveEqualSides(one: SelectedSides, other: SelectedSides): boolean {
  const salts = Object.keys({ ...one.sides, ...other.sides });
  return one.side === other.side && salts.every((salt) => one.sides?.[salt] === other.sides?.[salt]);
}
