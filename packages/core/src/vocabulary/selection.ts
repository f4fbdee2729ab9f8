import type { Side } from './side.ts';

/** Why a login got its side. A closed list. */
export const SELECTION_REASONS = ['forced', 'split', 'disabled', 'full', 'no_key', 'stale', 'default'] as const;
export type SelectionReason = (typeof SELECTION_REASONS)[number];

/**
 * The request parameters that ask for a side. A list is one parameter for each of its values: only `resource` may be
 * repeated (RFC 8707 §2), and only a combination of several migrations does so.
 */
export interface RequestParameters {
  readonly scope?: string;
  readonly audience?: string;
  readonly resource?: string | readonly string[];
}

/** The side that a login asks for, the parameters that do so, and the reason. */
export interface Selection {
  /** Of a combination: `target` if every migration selects it, else `legacy`. */
  readonly side: Side;
  /** The scope to request, space-separated (RFC 6749 §3.3). */
  readonly scope: string;
  /** Every request parameter that asks for the side, `scope` included. */
  readonly parameters: RequestParameters;
  /** Of a combination: that of the least advanced migration. */
  readonly reason: SelectionReason;
  /** Whether the switch position was stale; of a combination: whether one was. */
  readonly stale: boolean;
  /** Of a combination: all of them, joined by `+` in the order of the migrations; `unknown` for one without. */
  readonly revision: string | null;
  /** Only of a combination: the selection of each migration, by its salt. */
  readonly parts?: Readonly<Record<string, Selection>>;
}
