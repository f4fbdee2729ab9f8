import { formatDuration } from '../vocabulary/duration.ts';
import type { Issuance } from '../vocabulary/switch-position.ts';
import { type CheckResult, type DrainCheckName, fail, inconclusive } from './drain-check.ts';
import type { BadMoment, RecordedDrain } from './recorded-drain.ts';
import type { JudgedWindows } from './recorded-windows.ts';

/** What a check is judged by. */
export interface Facts {
  readonly recorded: RecordedDrain;
  readonly issuance: Issuance;
  readonly windows: JudgedWindows;
  readonly nowMs: number;
}

/**
 * How a check is judged beyond what the rules say of it. `fails` and `doubts`: by what the flag store and this plan know
 * beside the rules. The others explain what the rules say.
 */
export interface Judge {
  fails?(facts: Facts): CheckResult | undefined;
  doubts?(facts: Facts): CheckResult | undefined;
  explainFail(facts: Facts): CheckResult;
  explainUnknown(facts: Facts): CheckResult;
  explainPass(facts: Facts): string;
}

/** What no series explains: the rules of this release never record it. */
export function recordedAs0(name: DrainCheckName): CheckResult {
  return fail(`the recording rules say no (crossfade:drain_check:bool{check="${name}"} is 0)`);
}

const MOMENTS: Readonly<Record<BadMoment, string>> = {
  legacy_seen: 'the last legacy token was seen',
  legacy_counted: 'a legacy token was last counted',
  after_close_counted: 'a token that a close would refuse was last accepted',
  legacy_issued: 'the last legacy token that was seen was issued',
  legacy_expiry: 'the last legacy token that was seen expired',
  unjudged: 'a token that may have been legacy could last not be judged',
  valid_unauthorized: 'the API last refused a valid token',
  verified_disagreement: 'the API last accepted a verified token that the plan refuses',
  unverified_disagreement: 'the API last accepted a token that cannot be verified',
  issuance_below_100: 'a meter last held flags of less than 100%',
};

/** A check that passes once a window has gone by since the last bad moment. */
interface TimedCheck {
  readonly name: DrainCheckName;
  readonly whats: readonly BadMoment[];
  readonly window: 'drainWindowMs' | 'sessionHorizonMs';
  /** Names what the store knows: until issuance moved, a login could still get a legacy token. */
  readonly ofStore?: string;
  describe(moment: string, ago: string, window: string): string;
  readonly never: string;
  readonly unknown: string;
}

/** Judges a check by the last of some moments. */
export function timed({ name, whats, window, ofStore, describe, never, unknown }: TimedCheck): Judge {
  const lastOf = ({ recorded, issuance }: Facts) => {
    const seen = whats.map((what) => ({ moment: MOMENTS[what], atMs: recorded.last[what] ?? null }));
    const stored = ofStore === undefined ? [] : [{ moment: ofStore, atMs: issuance.sinceMs }];
    return latest([...seen, ...stored]);
  };
  const detailOf = (facts: Facts) => {
    const last = lastOf(facts);
    if (last === undefined) return undefined;
    const ago = formatDuration(facts.nowMs - last.atMs);
    return { ...last, detail: describe(last.moment, ago, formatDuration(facts.windows[window])) };
  };
  return {
    fails(facts) {
      const { windows, issuance, nowMs } = facts;
      const last = detailOf(facts);
      if (last === undefined || last.atMs + windows[window] <= nowMs) return undefined;
      const isStores = ofStore !== undefined && (issuance.sinceMs ?? 0) + windows[window] > nowMs;
      return windows.isStricter[window] || isStores ? fail(last.detail, last.atMs + windows[window]) : undefined;
    },
    explainFail(facts) {
      const last = detailOf(facts);
      return last === undefined ? recordedAs0(name) : fail(last.detail, last.atMs + facts.windows[window]);
    },
    explainUnknown: () => inconclusive(unknown),
    explainPass: (facts) => detailOf(facts)?.detail ?? never,
  };
}

interface Moment {
  readonly moment: string;
  readonly atMs: number;
}

function latest(moments: readonly { readonly moment: string; readonly atMs: number | null }[]): Moment | undefined {
  let last: Moment | undefined;
  for (const { moment, atMs } of moments) {
    if (atMs !== null && (last === undefined || atMs > last.atMs)) last = { moment, atMs };
  }
  return last;
}
