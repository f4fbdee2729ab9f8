import { CONDITIONS, type Conditions } from './conditions.ts';
import type { Witness } from './witness.ts';

/** A single condition of the rules, broken, and a history that shows it. */
export interface BrokenCondition {
  readonly mutation: string;
  readonly seed: number;
  readonly shows: 'wrongPass' | 'refusal';
  readonly broken: Partial<Conditions>;
}

const { silence, sessions } = CONDITIONS;
const without = (names: readonly Witness[], left: Witness) => names.filter((name) => name !== left);

/**
 * What no random history shows is in `test/real/prometheus/rule-cases`: an instance that is missing for an hour, a surplus, a service that
 * comes, an expectation that is unknown, a service that sees no target token.
 */
export const BROKEN: readonly BrokenCondition[] = [
  { mutation: 'a look reaches back 2 minutes only', seed: 0, shows: 'refusal', broken: { lookSeconds: 120 } },
  {
    mutation: 'what instances told that are gone is forgotten',
    seed: 0,
    shows: 'wrongPass',
    broken: { remembers: false },
  },
  { mutation: 'a young instance must have seen target tokens', seed: 0, shows: 'refusal', broken: { targetAge: 0 } },
  { mutation: 'missing instances are never bridged', seed: 4, shows: 'refusal', broken: { lookBehindHole: 300 } },
  {
    mutation: 'tokens that could not be judged do not matter',
    seed: 8,
    shows: 'wrongPass',
    broken: { silence: without(silence, 'unjudged'), sessions: without(sessions, 'unjudged') },
  },
  { mutation: 'no unwatched time is allowed', seed: 12, shows: 'refusal', broken: { debtShare: 0 } },
  {
    mutation: 'valid tokens that the API refuses do not matter',
    seed: 14,
    shows: 'wrongPass',
    broken: { answers: [] },
  },
  {
    mutation: 'a stop of Prometheus is a hole of the instances',
    seed: 22,
    shows: 'refusal',
    broken: { pause: Number.POSITIVE_INFINITY },
  },
  {
    mutation: 'unverified disagreements pass',
    seed: 22,
    shows: 'wrongPass',
    broken: { anyDisagreement: ['verified_disagreement'] },
  },
  {
    mutation: 'instances are scraped at once after a stop',
    seed: 29,
    shows: 'refusal',
    broken: { scrapesAgain: -1 },
  },
  { mutation: 'a clock may see the future', seed: 24, shows: 'refusal', broken: { clampsFuture: false } },
  {
    mutation: 'verified disagreements do not matter',
    seed: 30,
    shows: 'wrongPass',
    broken: { verified: [], anyDisagreement: ['unverified_disagreement'] },
  },
  { mutation: 'two jobs double an instance', seed: 36, shows: 'wrongPass', broken: { countsByProcess: false } },
  {
    mutation: 'an instance that does not tell of disagreements counts',
    seed: 38,
    shows: 'wrongPass',
    broken: { needsDisagreements: false },
  },
  {
    mutation: 'a legacy token that was seen does not end the silence',
    seed: 46,
    shows: 'wrongPass',
    broken: { silence: without(silence, 'legacy_seen') },
  },
  { mutation: 'a watch need not last', seed: 60, shows: 'wrongPass', broken: { watchedFor: [] } },
  {
    mutation: 'an expectation of 0 and an unexpected service do not matter',
    seed: 62,
    shows: 'wrongPass',
    broken: { knowsUnknown: false },
  },
  {
    mutation: 'a plan is forgotten once no instance has it',
    seed: 162,
    shows: 'wrongPass',
    broken: { remembersPlans: false },
  },
  {
    mutation: 'a watch need only last the session horizon',
    seed: 219,
    shows: 'wrongPass',
    broken: { watchedFor: ['sessionHorizon'] },
  },
  {
    mutation: 'an instance need not see target tokens',
    seed: 250,
    shows: 'wrongPass',
    broken: { targetAge: Number.POSITIVE_INFINITY },
  },
  {
    mutation: 'a watch need only last the drain window',
    seed: 374,
    shows: 'wrongPass',
    broken: { watchedFor: ['drainWindow'] },
  },
];
