import type { AcceptanceSwitch, Selection, Side } from '@crossfade/core';
import type { SelectionRequest, Selector } from '@crossfade/selector';
import type { OnClientEvent, TokenUse } from '../events/client-event.ts';
import { selectedSides } from './selected-sides.ts';
import { selectionEvent } from './side-events.ts';

/** What a request for a token asks for. */
export interface ChosenSide {
  /** What the selector selected, or legacy where the provider refuses target. */
  readonly selection: Selection;
  /** The side that the selector selected, fallback or not. */
  readonly asked: Side;
  /** Of combined selectors: the side that was selected for each migration, by its salt. */
  readonly askedSides?: Readonly<Record<string, Side>>;
  /** The revision of the flag that the selector read. */
  readonly revision: string | null;
}

/** Chooses the side of each request, and remembers that the provider refuses target. */
export interface SideChooser {
  choose(request: SelectionRequest, use: TokenUse): ChosenSide;
  /**
   * Notes that the provider refused the chosen request. Returns whether to send it once more, with what `choose` now
   * returns: not if it asked for legacy, not for an error that says nothing of the side, and never once acceptance is
   * `target`.
   */
  refused(chosen: ChosenSide, use: TokenUse, error: string): boolean;
}

/** OAuth errors by which a provider refuses a scope, a resource or an audience, but not the client or the user. */
const SIDE_REFUSALS: readonly string[] = ['invalid_scope', 'invalid_target', 'unauthorized_client'];

export function isSideRefusal(error: string): boolean {
  return SIDE_REFUSALS.includes(error);
}

/** Creates the chooser of one client. Its memory lasts until the flag has another revision. */
export function createSideChooser(
  selector: Selector,
  acceptance: AcceptanceSwitch,
  onEvent: OnClientEvent,
): SideChooser {
  /** The revision at which the provider refused target. */
  let refusedAt: string | null | undefined;

  return {
    choose(request, use) {
      const selected = selector.select(request);
      const { side, revision } = selected;
      onEvent(selectionEvent(use, selected));
      if (refusedAt !== undefined && refusedAt !== revision) refusedAt = undefined;
      const fallsBack = side === 'target' && refusedAt !== undefined && acceptance() === 'both';
      const selection = fallsBack ? selector.select({ ...request, side: 'legacy' }) : selected;
      const { sides: askedSides } = selectedSides(selected);
      return { selection, asked: side, revision, ...(askedSides !== undefined && { askedSides }) };
    },
    refused({ selection, revision }, use, error) {
      if (selection.side !== 'target' || !isSideRefusal(error) || acceptance() === 'target') return false;
      refusedAt = revision;
      onEvent({ type: 'fell_back', use, error, revision });
      return true;
    },
  };
}
