export type Verdict = 'pass' | 'fail' | 'inconclusive';

/** The checks of the drain gate, in the order they are explained. */
export const DRAIN_CHECKS = [
  'issuance',
  'coverage',
  'watched',
  'silence',
  'expiry',
  'sessions',
  'target_traffic',
  'answers',
  'disagreements',
] as const;
export type DrainCheckName = (typeof DRAIN_CHECKS)[number];

export interface DrainCheck {
  readonly name: DrainCheckName;
  readonly verdict: Verdict;
  /** One sentence for the operator: what was seen, and what is missing. */
  readonly detail: string;
  /** When, in ms, the passing of time alone could let this check pass; `null` if time alone cannot. */
  readonly passesAtMs: number | null;
}

export interface DrainVerdict {
  /** `pass` only when every check passes; `fail` when one fails; otherwise `inconclusive`, which never closes. */
  readonly verdict: Verdict;
  readonly checks: readonly DrainCheck[];
  /** The earliest time, in ms, at which the gate could pass if no legacy token is seen again; `null` if unknown. */
  readonly earliestPassMs: number | null;
  /** What the operator should know and what changes no verdict; absent if there is nothing. */
  readonly notes?: readonly string[];
}

/** What a check of the drain gate found. */
export type CheckResult = Omit<DrainCheck, 'name'>;

export function pass(detail: string): CheckResult {
  return { verdict: 'pass', detail, passesAtMs: null };
}

/** @param passesAtMs when the passing of time alone could let it pass. */
export function fail(detail: string, passesAtMs: number | null = null): CheckResult {
  return { verdict: 'fail', detail, passesAtMs };
}

/** @param passesAtMs when the passing of time alone could let it pass. */
export function inconclusive(detail: string, passesAtMs: number | null = null): CheckResult {
  return { verdict: 'inconclusive', detail, passesAtMs };
}

/** Combines checks: a failure beats the unknown, and the unknown beats a pass. */
export function toVerdict(checks: readonly DrainCheck[], notes: readonly string[], nowMs: number): DrainVerdict {
  return {
    verdict: worst(checks),
    checks,
    earliestPassMs: earliestPass(checks, nowMs),
    ...(notes.length > 0 && { notes }),
  };
}

function worst(checks: readonly DrainCheck[]): Verdict {
  if (checks.some((check) => check.verdict === 'fail')) return 'fail';
  return checks.every((check) => check.verdict === 'pass') ? 'pass' : 'inconclusive';
}

function earliestPass(checks: readonly DrainCheck[], nowMs: number): number | null {
  let earliest = nowMs;
  for (const check of checks) {
    if (check.verdict === 'pass') continue;
    if (check.passesAtMs === null) return null;
    earliest = Math.max(earliest, check.passesAtMs);
  }
  return earliest;
}
