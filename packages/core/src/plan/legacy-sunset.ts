import type { MigrationPlan } from './plan.ts';

/** When the legacy audience ends, and from when on it counts as deprecated. In ms. */
export interface LegacySunset {
  readonly deprecatedMs: number;
  readonly sunsetMs: number;
}

/**
 * Returns what responses to legacy tokens announce; `undefined` if the plan names no `sunset`.
 *
 * Legacy is deprecated from when every login has to ask for target, so that the last legacy session and token are gone, and
 * `gate.silence` has passed, at the sunset. The date follows from the plan alone: each process announces the same one.
 * @see RFC 8594 §3, RFC 9745 §2
 */
export function legacySunset({
  sunsetMs,
  legacy,
  gate,
}: Pick<MigrationPlan, 'sunsetMs'> & {
  readonly legacy?: Pick<MigrationPlan['legacy'], 'tokenLifetimeMs' | 'sessionLifetimeMs'> | undefined;
  readonly gate: Pick<MigrationPlan['gate'], 'silenceMs'>;
}): LegacySunset | undefined {
  if (sunsetMs === undefined || legacy === undefined) return undefined;
  const drainMs = legacy.sessionLifetimeMs + legacy.tokenLifetimeMs + gate.silenceMs;
  return { deprecatedMs: sunsetMs - drainMs, sunsetMs };
}
