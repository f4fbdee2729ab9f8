/** The flags that a process holds, as far as it tells; `null`: it does not. */
export interface HeldFlags {
  /** The store's name. */
  readonly source: string | null;
  /** The hash of Crossfade's own flags. */
  readonly hash: string | null;
  /** The share of logins that ask for target. */
  readonly percent: number | null;
}

/** How the flags of two processes compare. `unknown`: one of them does not tell enough. */
export type FlagsComparison = 'equal' | 'other_document' | 'other_store' | 'unknown';

/** Compares what two processes hold. Revisions stay out of it: they count 1, 2, 3 in every store. */
export function compareFlags(one: HeldFlags, other: HeldFlags): FlagsComparison {
  if (isOtherStore(one.source, other.source)) return 'other_store';
  if (one.hash !== null && other.hash !== null) return one.hash === other.hash ? 'equal' : 'other_document';
  if (one.percent === null || other.percent === null) return 'unknown';
  return one.percent === other.percent ? 'unknown' : 'other_document';
}

/**
 * Tells that two names are of different stores; `false` if one is not told. Paths of flag files differ from machine to
 * machine: of two files the hash decides.
 */
export function isOtherStore(one: string | null, other: string | null): boolean {
  if (one === null || other === null || one === other) return false;
  return !(one.startsWith('file ') && other.startsWith('file '));
}
