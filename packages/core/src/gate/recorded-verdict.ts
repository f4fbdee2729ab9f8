import { formatDuration } from '../vocabulary/duration.ts';
import { describeDisagreements } from './disagreements.ts';
import {
  type CheckResult,
  DRAIN_CHECKS,
  type DrainCheckName,
  type DrainVerdict,
  fail,
  inconclusive,
  pass,
  toVerdict,
} from './drain-check.ts';
import { describeOpenConnections } from './open-connections.ts';
import type { RecordedDrainPlan, RecordedEvidence } from './recorded-drain.ts';
import { type Facts, type Judge, recordedAs0, timed } from './recorded-moments.ts';
import {
  explainCoverage,
  explainLag,
  explainTarget,
  explainWatch,
  rulesTrouble,
  watchNotes,
} from './recorded-watch.ts';
import { type JudgedWindows, judgedWindows } from './recorded-windows.ts';

/**
 * Decides whether the legacy audience can be closed by what recording rules remember: a check passes only where it passes by
 * the rules and by what the flag store alone knows, over the longer windows of the meters' plans and this one. It fails where
 * either fails. Relies on the rules of `deploy/prometheus/crossfade.rules.yml`.
 * @param nowMs the present, in ms.
 */
export function recordedVerdict(evidence: RecordedEvidence, plan: RecordedDrainPlan, nowMs: number): DrainVerdict {
  const { recorded, issuance, openConnections } = evidence;
  const windows = judgedWindows(recorded.windows, plan);
  const facts = { recorded, issuance, windows, nowMs };
  const trouble = rulesTrouble(recorded, windows, nowMs);
  const checks = DRAIN_CHECKS.map((name) => ({ name, ...judge(name, facts, trouble) }));
  const open = describeOpenConnections(openConnections, plan.sidecar);
  const notes = [...windows.differences, ...watchNotes(recorded), ...(open === undefined ? [] : [open])];
  return toVerdict(checks, notes, nowMs);
}

function judge(name: DrainCheckName, facts: Facts, trouble: string | undefined): CheckResult {
  const judged = JUDGES[name];
  const passes = facts.recorded.checks[name];
  const failed = judged.fails?.(facts);
  if (failed !== undefined) return failed;
  if (passes === false) return judged.explainFail(facts);
  if (trouble !== undefined) return inconclusive(trouble);
  if (passes === undefined) return judged.explainUnknown(facts);
  return judged.doubts?.(facts) ?? pass(judged.explainPass(facts));
}

const JUDGES: Readonly<Record<DrainCheckName, Judge>> = {
  issuance: {
    fails({ issuance: { enabled, percent } }) {
      if (enabled && percent === 100) return undefined;
      return fail(`${percent}% of logins ask for the target audience: advance to 100 first`);
    },
    explainFail: () =>
      fail(
        'the store commands 100%, and a meter holds flags of less, or did within the last 5 minutes, which the rules look back: if it stays so, let each meter reach the flag store (crossfade doctor)',
      ),
    explainUnknown: () => inconclusive('no meter tells which share of logins its flags command'),
    explainPass: () => 'every login asks for the target audience, and every meter holds these flags',
  },

  coverage: {
    doubts: (facts) => (facts.windows.isStricter.coverage ? explainLag(facts) : undefined),
    explainFail: (facts) => fail(explainCoverage(facts)?.detail ?? recordedAs0('coverage').detail),
    explainUnknown: (facts) =>
      explainCoverage(facts) ??
      inconclusive(
        'the recording rules do not call the fleet watched: an instance counts once it has run for 5 minutes; after that, how many instances to expect may be unknown (crossfade:expected_instances:sum)',
      ),
    explainPass: ({ windows }) =>
      `${windows.coverage * 100}% or more of the expected instances of every service are watched`,
  },

  watched: {
    doubts: (facts) => (isWatchStricter(facts.windows) ? explainWatch(facts) : undefined),
    explainFail: (facts) => fail(explainWatch(facts)?.detail ?? recordedAs0('watched').detail),
    explainUnknown: (facts) => explainWatch(facts) ?? inconclusive('the recording rules do not know the watch yet'),
    explainPass: ({ recorded: { watchedSinceMs }, windows: { longestMs }, nowMs }) =>
      watchedSinceMs === null
        ? `the fleet was watched for ${formatDuration(longestMs)} or longer`
        : `the fleet is watched for ${formatDuration(nowMs - watchedSinceMs)}; the longest window is ${formatDuration(longestMs)}`,
  },

  silence: timed({
    name: 'silence',
    whats: ['legacy_seen', 'legacy_counted', 'after_close_counted', 'unjudged', 'issuance_below_100'],
    window: 'drainWindowMs',
    ofStore: 'issuance reached 100%',
    describe: (moment, ago, window) => `${moment} ${ago} ago; the window is ${window}`,
    never: 'no legacy token was seen',
    unknown: 'no meter tells when a legacy token was last seen',
  }),

  expiry: {
    fails: (facts) => (facts.windows.isStricter.clockToleranceMs ? stillValid(facts) : undefined),
    explainFail: (facts) => stillValid(facts) ?? recordedAs0('expiry'),
    explainUnknown: () => inconclusive('no meter tells until when the legacy tokens that it saw are valid'),
    explainPass: () => 'every legacy token that was seen has expired',
  },

  sessions: timed({
    name: 'sessions',
    whats: ['legacy_issued', 'unjudged', 'issuance_below_100'],
    window: 'sessionHorizonMs',
    ofStore: 'issuance reached 100%',
    describe: (moment, ago, horizon) =>
      `${moment} ${ago} ago: the last legacy issuance that there may have been; its sessions and tokens live ${horizon}`,
    never: 'no legacy token that was seen was issued',
    unknown: 'no meter tells when the last legacy token was issued',
  }),

  target_traffic: {
    explainFail: (facts) => fail(explainTarget(facts).detail),
    explainUnknown: explainTarget,
    explainPass: () => 'the meters of every service saw a target token within the window',
  },

  answers: timed({
    name: 'answers',
    whats: ['valid_unauthorized'],
    window: 'drainWindowMs',
    describe: (moment, ago, window) => `${moment} ${ago} ago; the window is ${window}`,
    never: 'the API refused no valid token',
    unknown: 'no meter tells whether the API refuses valid tokens',
  }),

  disagreements: {
    fails: (facts) => (facts.windows.isStricter.drainWindowMs ? disagreed(facts, 'verified') : undefined),
    doubts: (facts) => (facts.windows.isStricter.drainWindowMs ? disagreed(facts, 'unverified') : undefined),
    explainFail: (facts) => disagreed(facts, 'verified') ?? recordedAs0('disagreements'),
    explainUnknown: (facts) =>
      disagreed(facts, 'unverified') ??
      inconclusive('no meter tells whether the API accepts tokens that the plan refuses: upgrade the sidecars'),
    explainPass: () => 'the API accepted no token that the plan refuses within the window',
  },
};

function isWatchStricter({ isStricter }: JudgedWindows): boolean {
  return isStricter.drainWindowMs || isStricter.sessionHorizonMs || isStricter.blindMs;
}

function stillValid({ recorded, windows, nowMs }: Facts): CheckResult | undefined {
  const expiryMs = recorded.last.legacy_expiry ?? null;
  if (expiryMs === null || expiryMs + windows.clockToleranceMs <= nowMs) return undefined;
  const deadMs = expiryMs + windows.clockToleranceMs;
  return fail(`a legacy token that was seen stays valid for ${formatDuration(deadMs - nowMs)}`, deadMs);
}

/** Describes the disagreements of one kind within the window; `undefined` if there are none. */
function disagreed({ recorded, windows, nowMs }: Facts, kind: 'verified' | 'unverified'): CheckResult | undefined {
  const lastVerifiedMs = recorded.last.verified_disagreement ?? null;
  const lastUnverifiedMs = recorded.last.unverified_disagreement ?? null;
  const lastMs = kind === 'verified' ? lastVerifiedMs : lastUnverifiedMs;
  if (lastMs === null || lastMs + windows.drainWindowMs <= nowMs) return undefined;
  const found = { lastVerifiedMs, lastUnverifiedMs, reasons: recorded.disagreementReasons };
  const detail = describeDisagreements(kind, found, windows.drainWindowMs, nowMs);
  const passesAtMs = Math.max(lastVerifiedMs ?? 0, lastUnverifiedMs ?? 0) + windows.drainWindowMs;
  return (kind === 'verified' ? fail : inconclusive)(detail, passesAtMs);
}
