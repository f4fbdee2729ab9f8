import { FALSE_ZEROS } from './false-zeros.ts';
import { FLEETS } from './fleets.ts';
import { NOT_DRAINED } from './not-drained.ts';
import type { RuleCase } from './rule-case.ts';

/** Every case that lasts no longer than the others. */
export const ALL_CASES: readonly RuleCase[] = [...FALSE_ZEROS, ...NOT_DRAINED, ...FLEETS];
