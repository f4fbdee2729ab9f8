import type { Options } from 'k6/options';
import { P99_MS } from './settings.ts';

type Thresholds = NonNullable<Options['thresholds']>;

/** What each scenario demands of its valid requests, and that nearly all of them were sent. */
export function validThresholds(expectedRequests: number): Thresholds {
  return {
    valid_rejected: ['rate==0'],
    valid_failed: ['rate==0'],
    mint_failed: ['rate==0'],
    'http_req_duration{kind:order}': [`p(99)<${P99_MS}`],
    // An open model: k6 drops an arrival that finds every virtual user waiting. Without this, a stalled API hides its stall.
    dropped_iterations: [`count<=${Math.ceil(expectedRequests * 0.02)}`],
    // "No rejection" of nothing would prove nothing.
    'http_reqs{kind:order}': [`count>=${Math.floor(expectedRequests * 0.97)}`],
  };
}

/** Counts and demands the same for each phase and side; `demanded` names those that must have traffic. */
export function phaseThresholds(
  phases: readonly string[],
  demanded: readonly (readonly [string, string])[],
): Thresholds {
  const thresholds: Thresholds = {};
  for (const phase of phases) {
    thresholds[`http_req_duration{kind:order,phase:${phase}}`] = [`p(99)<${P99_MS}`];
    for (const side of ['legacy', 'target']) {
      thresholds[`valid_rejected{phase:${phase},side:${side}}`] = ['rate==0'];
    }
  }
  for (const [phase, side] of demanded) {
    thresholds[`http_reqs{kind:order,phase:${phase},side:${side}}`] = ['count>0'];
  }
  return thresholds;
}

/** Each phase with either side. */
export function bothSides(phases: readonly string[]): readonly (readonly [string, string])[] {
  return phases.flatMap((phase) => ['legacy', 'target'].map((side) => [phase, side] as const));
}
