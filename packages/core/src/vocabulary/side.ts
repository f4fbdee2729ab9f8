/** The two audiences of a migration: the one being left, and the one being moved to. */
export const SIDES = ['legacy', 'target'] as const;
export type Side = (typeof SIDES)[number];
