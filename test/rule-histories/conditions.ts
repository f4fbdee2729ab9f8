import type { Witness } from './witness.ts';

/** The conditions of the rules that a mutation can break, one by one. */
export interface Conditions {
  /** How late a look may be: an instance is judged as of so many seconds ago. */
  readonly lookSeconds: number;
  /** How long a process must have run to count as watched. */
  readonly watchedAge: number;
  /** How long a plan that was scraped counts in level 1. */
  readonly planLookback: number;
  /** Whether no instance is blind only while the drain window is known. */
  readonly blindNeedsPlan: boolean;
  /** Whether each service has its own last full look. */
  readonly looksByService: boolean;
  /** After which pause of evaluations a hole may be as long as `blind` in spite of missing instances. */
  readonly pause: number;
  /** For how long after a stop instances are scraped again. */
  readonly scrapesAgain: number;
  /** How long a process must have run to need target tokens. */
  readonly targetAge: number;
  /** Up to which age a process's counter counts in full. */
  readonly youngAge: number;
  /** By how much a hole must be shorter than `blind` while instances are missing. */
  readonly lookBehindHole: number;
  /** The share of `coverage` that is asked for. */
  readonly coverageShare: number;
  /** The debt of unwatched time that is allowed, as a share of `blind`. */
  readonly debtShare: number;
  /** Whether each service must have seen a target token within the drain window. */
  readonly needsTarget: boolean;
  /** Whether a service has 5 minutes to be watched when it comes. */
  readonly newServicesMayCome: boolean;
  /** Whether what is not known counts as unwatched. */
  readonly unknownIsUnwatched: boolean;
  /** Whether an instance that is missing for most of an hour is excused by `coverage`. */
  readonly excusesMissing: boolean;
  /** Whether more than are expected may be watched for nearly all of an hour. */
  readonly excusesSurplus: boolean;
  /** Whether instances without a word about disagreements do not count as watched. */
  readonly needsDisagreements: boolean;
  /** Whether each service must be watched by itself. */
  readonly watchesEachService: boolean;
  /** Whether an expectation of 0 and an unexpected service are unknown. */
  readonly knowsUnknown: boolean;
  /** Whether the last bad moments outlive the instances that told them. */
  readonly remembers: boolean;
  /** Whether a plan counts for a day. */
  readonly remembersPlans: boolean;
  /** Whether what lies in the future is taken for now. */
  readonly clampsFuture: boolean;
  /** Whether one process that two jobs scrape is one. */
  readonly countsByProcess: boolean;
  /** What silences, and whose sessions last. */
  readonly silence: readonly Witness[];
  readonly sessions: readonly Witness[];
  readonly verified: readonly Witness[];
  readonly anyDisagreement: readonly Witness[];
  readonly answers: readonly Witness[];
  /** The windows that a watch must last. */
  readonly watchedFor: readonly ('drainWindow' | 'sessionHorizon')[];
}

/** The rules as they are shipped. */
export const CONDITIONS: Conditions = {
  lookSeconds: 300,
  watchedAge: 300,
  planLookback: 300,
  blindNeedsPlan: true,
  looksByService: true,
  pause: 90,
  scrapesAgain: 90,
  targetAge: 3600,
  youngAge: 3900,
  lookBehindHole: 180,
  coverageShare: 1,
  debtShare: 1,
  needsTarget: true,
  newServicesMayCome: true,
  unknownIsUnwatched: true,
  excusesMissing: false,
  excusesSurplus: false,
  needsDisagreements: true,
  watchesEachService: true,
  knowsUnknown: true,
  remembers: true,
  remembersPlans: true,
  clampsFuture: true,
  countsByProcess: true,
  silence: ['legacy_seen', 'legacy_counted', 'after_close_counted', 'unjudged', 'issuance_below_100'],
  sessions: ['legacy_issued', 'unjudged', 'issuance_below_100'],
  verified: ['verified_disagreement'],
  anyDisagreement: ['verified_disagreement', 'unverified_disagreement'],
  answers: ['valid_unauthorized'],
  watchedFor: ['drainWindow', 'sessionHorizon'],
};
