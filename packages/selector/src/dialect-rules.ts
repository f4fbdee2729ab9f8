import type { Problem } from '@crossfade/core';
import type { SelectableSide } from './selectable-side.ts';

/** The request parameters that ask for a side. */
export type RequestParameters = Readonly<Record<string, string>>;

/** What a provider makes of sides that are well-formed. */
export interface DialectRules {
  /** Only for a side without problems. */
  readonly parameters: (side: SelectableSide) => RequestParameters;
  /** What this provider would refuse, or silently answer with another audience; paths within the side. */
  readonly problems: (side: SelectableSide) => readonly Problem[];
  /** What is wrong with the two together, at the target. */
  readonly pairProblems: (legacy: SelectableSide, target: SelectableSide) => readonly Problem[];
}
