import type { RunbookName } from '@crossfade/core';
import { CHECKS, type CheckName } from './check.ts';

/** `n/a`: it does not apply here. `unknown`: it cannot be known from here; never a pass. */
export const FINDING_VERDICTS = ['pass', 'warn', 'fail', 'n/a', 'unknown'] as const;
export type FindingVerdict = (typeof FINDING_VERDICTS)[number];

/** The result of one check of `crossfade doctor`. */
export interface Finding {
  readonly check: CheckName;
  readonly verdict: FindingVerdict;
  /** What was seen. */
  readonly detail: string;
  /** What depends on it. */
  readonly why: string;
  /** What the operator should do; absent on a pass and where it does not apply. */
  readonly remedy?: string;
  /** The page to read on. */
  readonly runbook: RunbookName;
}

export function pass(check: CheckName, detail: string): Finding {
  return { check, verdict: 'pass', detail, ...CHECKS[check] };
}

export function warn(check: CheckName, detail: string, remedy: string): Finding {
  return { check, verdict: 'warn', detail, ...CHECKS[check], remedy };
}

export function fail(check: CheckName, detail: string, remedy: string): Finding {
  return { check, verdict: 'fail', detail, ...CHECKS[check], remedy };
}

export function notApplicable(check: CheckName, detail: string): Finding {
  return { check, verdict: 'n/a', detail, ...CHECKS[check] };
}

export function unknown(check: CheckName, detail: string, remedy: string): Finding {
  return { check, verdict: 'unknown', detail, ...CHECKS[check], remedy };
}
