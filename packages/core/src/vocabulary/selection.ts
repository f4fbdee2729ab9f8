import type { Side } from './side.ts';

/** Why a login got its side. A closed list. */
export const SELECTION_REASONS = ['forced', 'split', 'disabled', 'full', 'no_key', 'stale', 'default'] as const;
export type SelectionReason = (typeof SELECTION_REASONS)[number];

/** The side that a login asks for, the parameters that do so, and the reason. */
export interface Selection {
  readonly side: Side;
  /** The scope to request, space-separated (RFC 6749 §3.3). */
  readonly scope: string;
  /** Every request parameter that asks for the side, `scope` included. */
  readonly parameters: Readonly<Record<string, string>>;
  readonly reason: SelectionReason;
  /** Whether the switch position was stale. */
  readonly stale: boolean;
  readonly revision: string | null;
}
