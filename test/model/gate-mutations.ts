import { DRAIN_CHECK, type DrainCheckName, type DrainPlan, type Evidence, type MeterEvidence } from '@crossfade/core';
import { composeRules, type Mutation, PIECES, PRODUCTION, type Rules, withSighting } from './rules.ts';
import { MOVING, STUCK } from './worlds.ts';

type Check = (typeof DRAIN_CHECK)[DrainCheckName];

function withCheck(...changes: readonly (readonly [name: DrainCheckName, check: Check])[]): Rules {
  const checks = { ...DRAIN_CHECK, ...Object.fromEntries(changes) };
  return { ...PRODUCTION, ...composeRules({ ...PIECES, checks }) };
}

const passes: Check = () => ({ verdict: 'pass', detail: '', passesAtMs: null });
const withoutCheck = (name: DrainCheckName): Rules => withCheck([name, passes]);

/** A check that sees a plan or evidence with something left out. */
function blinkered(
  name: DrainCheckName,
  change: { plan?: (plan: DrainPlan) => DrainPlan; evidence?: (evidence: Evidence) => Evidence },
): readonly [DrainCheckName, Check] {
  const { plan: ofPlan = (plan) => plan, evidence: ofEvidence = (evidence) => evidence } = change;
  return [name, (evidence, plan, now) => DRAIN_CHECK[name](ofEvidence(evidence), ofPlan(plan), now)];
}

const noSilence = (plan: DrainPlan): DrainPlan => ({ ...plan, gate: { ...plan.gate, silenceMs: 0 } });
const noTokenLife = (plan: DrainPlan): DrainPlan => ({ ...plan, legacy: { ...plan.legacy, tokenLifetimeMs: 0 } });
const noSessions = (plan: DrainPlan): DrainPlan => ({ ...plan, legacy: { ...plan.legacy, sessionLifetimeMs: 0 } });
const noTolerance = (plan: DrainPlan): DrainPlan => ({ ...plan, clockToleranceMs: 0 });
const unrecorded = (evidence: Evidence): Evidence => ({
  ...evidence,
  issuance: { ...evidence.issuance, sinceMs: null },
});
const everyMeter = (change: (meter: MeterEvidence) => MeterEvidence) => (evidence: Evidence) => ({
  ...evidence,
  meters: evidence.meters.map(change),
});
const oldMeters = everyMeter((meter) => ({ ...meter, watchedSinceMs: 0 }));
const noIssueTimes = everyMeter((meter) => ({ ...meter, legacy: { ...meter.legacy, latestIssuedMs: null } }));
const anyMeterSees = (evidence: Evidence): Evidence => {
  const seeing = evidence.meters.filter(({ target }) => target.lastSeenMs !== null);
  return seeing.length === 0 ? evidence : { ...evidence, meters: seeing };
};
const oldestMeterOnly = (evidence: Evidence): Evidence => ({
  ...evidence,
  meters: evidence.meters.toSorted((a, b) => a.watchedSinceMs - b.watchedSinceMs).slice(0, 1),
});

const expectingAll = (evidence: Evidence): Evidence => ({
  ...evidence,
  expectedMeters: evidence.expectedMeters && Math.max(evidence.expectedMeters, evidence.meters.length),
});
const withoutDisagreements = (kind: 'lastVerifiedMs' | 'lastUnverifiedMs') =>
  everyMeter((meter) => ({ ...meter, disagreements: meter.disagreements && { ...meter.disagreements, [kind]: null } }));
const firstMeterOnly = (evidence: Evidence): Evidence => ({ ...evidence, meters: evidence.meters.slice(0, 1) });
const concluded: Check = (evidence, plan, now) => {
  const check = DRAIN_CHECK.disagreements(evidence, plan, now);
  return check.verdict === 'inconclusive' ? { ...check, verdict: 'pass' } : check;
};

/** Mutations that leave out each check of the drain gate, or weaken what it checks. */
export const GATE_MUTATIONS: readonly Mutation[] = [
  {
    name: 'no check: issuance',
    breaks: 'a valid legacy token is rejected',
    world: MOVING.rareLogins,
    rules: withoutCheck('issuance'),
  },
  {
    name: 'no check: coverage',
    breaks: 'a valid legacy token is rejected',
    world: MOVING.fleet,
    rules: withoutCheck('coverage'),
  },
  {
    name: 'no check: watched',
    breaks: 'a valid legacy token is rejected',
    world: MOVING.slowCycle,
    rules: withoutCheck('watched'),
  },
  {
    name: 'no check: silence',
    breaks: 'a valid legacy token is rejected',
    world: MOVING.rareLogins,
    rules: withoutCheck('silence'),
  },
  {
    name: 'no check: expiry',
    breaks: 'a valid legacy token is rejected',
    world: MOVING.understated,
    rules: withoutCheck('expiry'),
  },
  {
    name: 'no check: sessions',
    breaks: 'a valid legacy token is rejected',
    world: MOVING.longSession,
    rules: withoutCheck('sessions'),
  },
  {
    name: 'no check: target_traffic',
    breaks: 'a valid legacy token is rejected',
    world: STUCK.blind,
    rules: withoutCheck('target_traffic'),
  },
  {
    name: 'no check: answers',
    breaks: 'closed although a valid token was just rejected',
    world: MOVING.downgrades,
    rules: withoutCheck('answers'),
  },
  {
    name: 'no check: disagreements',
    breaks: 'a valid legacy token is rejected',
    world: MOVING.foreign,
    rules: withoutCheck('disagreements'),
  },
  {
    name: 'coverage: does not see that one meter is counted several times',
    breaks: 'a valid legacy token is rejected',
    world: MOVING.fleet,
    rules: withCheck(blinkered('coverage', { evidence: expectingAll })),
  },
  {
    name: 'coverage: accepts half the meters',
    breaks: 'a valid legacy token is rejected',
    world: MOVING.fleet,
    rules: withCheck(blinkered('coverage', { plan: (plan) => ({ ...plan, gate: { ...plan.gate, coverage: 0.5 } }) })),
  },
  {
    name: 'watched: uses the oldest meter, not the youngest',
    breaks: 'a valid legacy token is rejected',
    world: MOVING.square,
    rules: withCheck(
      blinkered('watched', { evidence: oldestMeterOnly }),
      blinkered('sessions', { evidence: oldMeters }),
    ),
  },
  {
    name: 'silence: counts from before issuance moved',
    breaks: 'a valid legacy token is rejected',
    world: MOVING.rareLogins,
    rules: withCheck(blinkered('silence', { evidence: unrecorded })),
  },
  {
    name: 'silence: leaves the slowest cycle out of the window',
    breaks: 'a valid legacy token is rejected',
    world: MOVING.rareLogins,
    rules: withCheck(blinkered('silence', { plan: noSilence })),
  },
  {
    name: 'silence: leaves the token lifetime out of the window',
    breaks: 'a valid legacy token is rejected',
    world: MOVING.rareLogins,
    rules: withCheck(blinkered('silence', { plan: noTokenLife })),
  },
  {
    name: 'watched: leaves the slowest cycle out of the window',
    breaks: 'a valid legacy token is rejected',
    world: MOVING.slowCycle,
    rules: withCheck(blinkered('watched', { plan: noSilence })),
  },
  {
    name: 'watched: leaves the token lifetime out of the window',
    breaks: 'a valid legacy token is rejected',
    world: MOVING.slowCycle,
    rules: withCheck(blinkered('watched', { plan: noTokenLife })),
  },
  {
    name: 'sessions: leaves the refresh horizon out',
    breaks: 'a valid legacy token is rejected',
    world: MOVING.longSession,
    rules: withCheck(blinkered('sessions', { plan: noSessions })),
  },
  {
    name: 'sessions: leaves the lifetime of the last token out',
    breaks: 'a valid legacy token is rejected',
    world: MOVING.longSession,
    rules: withCheck(blinkered('sessions', { plan: noTokenLife })),
  },
  {
    name: 'sessions: ignores that meters lose their counts',
    breaks: 'a valid legacy token is rejected',
    world: MOVING.longSession,
    rules: withCheck(blinkered('sessions', { evidence: oldMeters })),
  },
  {
    name: 'sessions: ignores the observed tokens',
    breaks: 'a valid legacy token is rejected',
    world: MOVING.longSession,
    rules: withCheck(blinkered('sessions', { evidence: noIssueTimes })),
  },
  {
    name: 'sessions: ignores when issuance moved',
    breaks: 'a valid legacy token is rejected',
    world: MOVING.abandonedLogins,
    rules: withCheck(blinkered('sessions', { evidence: unrecorded })),
  },
  {
    name: 'target_traffic: one meter is enough for all',
    breaks: 'a valid legacy token is rejected',
    world: STUCK.blind,
    rules: withCheck(blinkered('target_traffic', { evidence: anyMeterSees })),
  },
  {
    name: 'disagreements: ignores verified tokens',
    breaks: 'a valid legacy token is rejected',
    world: MOVING.foreign,
    rules: withCheck(blinkered('disagreements', { evidence: withoutDisagreements('lastVerifiedMs') })),
  },
  {
    name: 'disagreements: ignores unverified tokens',
    breaks: 'a valid legacy token is rejected',
    world: MOVING.unverified,
    rules: withCheck(blinkered('disagreements', { evidence: withoutDisagreements('lastUnverifiedMs') })),
  },
  {
    name: 'disagreements: passes where it should be inconclusive',
    breaks: 'a valid legacy token is rejected',
    world: MOVING.unverified,
    rules: withCheck(['disagreements', concluded]),
  },
  {
    name: 'disagreements: leaves the slowest cycle out of the window',
    breaks: 'a valid legacy token is rejected',
    world: MOVING.foreign,
    rules: withCheck(blinkered('disagreements', { plan: noSilence })),
  },
  {
    name: 'disagreements: leaves the token lifetime out of the window',
    breaks: 'a valid legacy token is rejected',
    world: MOVING.foreign,
    rules: withCheck(blinkered('disagreements', { plan: noTokenLife })),
  },
  {
    name: 'disagreements: looks at one meter only',
    breaks: 'a valid legacy token is rejected',
    world: MOVING.disagreeing,
    rules: withCheck(blinkered('disagreements', { evidence: firstMeterOnly })),
  },
  {
    name: 'a meter does not take a refused legacy token for legacy seen',
    breaks: 'a valid legacy token is rejected',
    world: MOVING.refused,
    rules: withSighting('refused', { disagreement: 'verified' }),
  },
  {
    name: 'a meter does not take a bridge token that a close refuses for legacy seen',
    breaks: 'a valid legacy token is rejected',
    world: MOVING.halfBridge,
    rules: withSighting('halfBridge', { target: true }),
  },
  {
    name: 'a meter does not take a bridge token for target seen',
    breaks: 'the legacy audience can never be closed',
    world: MOVING.bridge,
    rules: withSighting('bridge', {}),
  },
  {
    name: 'the gate ignores the clock tolerance',
    breaks: 'a valid legacy token is rejected',
    world: MOVING.skewed,
    rules: { ...PRODUCTION, verdict: (evidence, plan, now) => PRODUCTION.verdict(evidence, noTolerance(plan), now) },
  },
];
