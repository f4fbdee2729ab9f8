/** The result of one check of `crossfade doctor`. */
export interface Finding {
  readonly check: string;
  readonly verdict: 'pass' | 'warn' | 'fail';
  readonly detail: string;
  /** What the operator should do; absent on a pass. */
  readonly action?: string;
}

export function pass(check: string, detail: string): Finding {
  return { check, verdict: 'pass', detail };
}

export function warn(check: string, detail: string, action: string): Finding {
  return { check, verdict: 'warn', detail, action };
}

export function fail(check: string, detail: string, action: string): Finding {
  return { check, verdict: 'fail', detail, action };
}
