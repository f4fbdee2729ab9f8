import type { AcceptanceSwitch, Selection, SelectionReason, Side } from '@crossfade/core';
import type { SelectionRequest, Selector } from '@crossfade/selector';
import type { OnClientEvent, TokenUse } from '../events/client-event.ts';
import type { GrantRefusedError } from '../provider/errors.ts';
import { flagRevision } from './flag-revision.ts';
import { selectedSides } from './selected-sides.ts';
import { selectionEvent } from './side-events.ts';
import { isSideRefusal } from './side-refusal.ts';

/** What a request for a token asks for. */
export interface ChosenSide {
  /** What the selector selected, or legacy where the provider refuses target. */
  readonly selection: Selection;
  /** The side that the selector selected, fallback or not. */
  readonly asked: Side;
  /** Of combined selectors: the side that was selected for each migration, by its salt. */
  readonly askedSides?: Readonly<Record<string, Side>>;
  /** Why the selector selected it. */
  readonly reason: SelectionReason;
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
  refused(chosen: ChosenSide, use: TokenUse, refusal: GrantRefusedError): boolean;
}

/** Creates the chooser of one client. Its memory lasts until the flag has another revision. */
export function createSideChooser(
  selector: Selector,
  acceptance: AcceptanceSwitch,
  onEvent: OnClientEvent,
): SideChooser {
  /** The revision at which the provider refused target. */
  let refusedAt: string | null | undefined;

  function isRefused(): boolean {
    const revision = flagRevision(selector);
    if (refusedAt !== undefined && revision !== null && revision !== refusedAt) refusedAt = undefined;
    return refusedAt !== undefined && acceptance() === 'both';
  }

  return {
    choose(request, use) {
      const selected = selector.select(request);
      onEvent(selectionEvent(use, selected));
      const { side, sides: askedSides } = selectedSides(selected);
      // Without a revision, a flag that was switched off is all that shows a move.
      if (refusedAt === null && selected.reason === 'disabled') refusedAt = undefined;
      const fallsBack = asksForTarget(selected) && isRefused();
      return {
        selection: fallsBack ? selector.select({ ...request, side: 'legacy' }) : selected,
        asked: side,
        reason: selected.reason,
        revision: selected.revision,
        ...(askedSides !== undefined && { askedSides }),
      };
    },
    refused({ selection, revision }, use, refusal) {
      if (!asksForTarget(selection) || !isSideRefusal(refusal) || acceptance() === 'target') return false;
      refusedAt = flagRevision(selector);
      onEvent({ type: 'fell_back', use, error: refusal.error, revision });
      return true;
    },
  };
}

/** Of combined selectors one migration on target is enough: the provider refuses the request as a whole. */
function asksForTarget({ side, parts = {} }: Selection): boolean {
  return side === 'target' || Object.values(parts).some((part) => part.side === 'target');
}
