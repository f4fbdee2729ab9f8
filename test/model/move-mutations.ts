import { GUARD, type GuardName, TRANSITIONS, type Transition, type Verb } from '@crossfade/core';
import { composeRules, KEY, type Mutation, PIECES, PRODUCTION, type Rules, withSighting } from './rules.ts';
import { MOVING } from './worlds.ts';

type Guard = (typeof GUARD)[GuardName];

function withTransition(verb: Verb, change: (transition: Transition) => Partial<Transition>): Rules {
  const transitions = { ...TRANSITIONS, [verb]: { ...TRANSITIONS[verb], ...change(TRANSITIONS[verb]) } };
  return { ...PRODUCTION, ...composeRules({ ...PIECES, transitions }) };
}

function withoutGuard(verb: Verb, guard: GuardName): Rules {
  return withTransition(verb, ({ guards }) => ({ guards: guards.filter((name) => name !== guard) }));
}

function withGuard(name: GuardName, guard: Guard): Rules {
  return { ...PRODUCTION, ...composeRules({ ...PIECES, guards: { ...GUARD, [name]: guard } }) };
}

const halfKnown = (name: GuardName): Rules =>
  withGuard(name, (situation, move) => (situation.fleet.expected === null ? undefined : GUARD[name](situation, move)));
const anyInstance = (name: GuardName): Rules =>
  withGuard(name, (situation, move) => {
    const expected = Math.min(1, situation.fleet.acceptingTarget);
    return GUARD[name]({ ...situation, fleet: { ...situation.fleet, expected, responding: expected } }, move);
  });

/** Mutations of the transition table, of its guards, and of the parts that the guards rely on. */
export const MOVE_MUTATIONS: readonly Mutation[] = [
  {
    name: 'advance does not check whether the fleet accepts target',
    breaks: 'a valid target token is rejected',
    world: MOVING.fleet,
    rules: withoutGuard('advance', 'fleet_accepts_target'),
  },
  {
    name: 'advance requires only one instance that accepts target',
    breaks: 'a valid target token is rejected',
    world: MOVING.fleet,
    rules: anyInstance('fleet_accepts_target'),
  },
  {
    name: 'advance treats an unknown fleet as upgraded',
    breaks: 'a valid target token is rejected',
    world: MOVING.fleet,
    rules: halfKnown('fleet_accepts_target'),
  },
  {
    name: 'advance does not see that one instance is counted several times',
    breaks: 'a valid target token is rejected',
    world: MOVING.fleet,
    rules: withGuard('fleet_accepts_target', (situation, move) =>
      GUARD.fleet_accepts_target({ ...situation, fleet: { ...situation.fleet, responding: 0 } }, move),
    ),
  },
  {
    name: 'advance takes a token with both audiences for proof that the API accepts target',
    breaks: 'a valid target token is rejected',
    world: MOVING.mixed,
    rules: withSighting('bridge', { target: true, acceptsTarget: true }),
  },
  {
    name: 'advance may lower the percentage',
    breaks: 'an advance sends a client back to legacy',
    world: MOVING.fleet,
    rules: withoutGuard('advance', 'forward_only'),
  },
  {
    name: 'rollback is allowed while the legacy audience is closed',
    breaks: 'a valid legacy token is rejected',
    world: MOVING.fleet,
    rules: withoutGuard('rollback', 'acceptance_open'),
  },
  {
    name: 'rollback does not wait until the fleet has reopened',
    breaks: 'a valid legacy token is rejected',
    world: MOVING.fleet,
    rules: withoutGuard('rollback', 'fleet_reopened'),
  },
  {
    name: 'rollback requires only one reopened instance',
    breaks: 'a valid legacy token is rejected',
    world: MOVING.fleet,
    rules: withGuard('fleet_reopened', (situation, move) =>
      situation.fleet.legacyHolds.length < 2 ? undefined : GUARD.fleet_reopened(situation, move),
    ),
  },
  {
    name: 'rollback treats an unknown fleet as reopened',
    breaks: 'a valid legacy token is rejected',
    world: MOVING.fleet,
    rules: halfKnown('fleet_reopened'),
  },
  {
    name: 'rollback does not wait for an instance that was seen closed and is silent',
    breaks: 'a valid legacy token is rejected',
    world: MOVING.fleet,
    rules: {
      ...PRODUCTION,
      fleet: (seen) => ({ ...seen, legacyHolds: seen.legacyHolds.filter(({ untilMs }) => untilMs === null) }),
    },
  },
  {
    name: 'rollback goes on while an instance shows that it is closed',
    breaks: 'a valid legacy token is rejected',
    world: MOVING.fleet,
    rules: {
      ...PRODUCTION,
      fleet: (seen) => ({ ...seen, legacyHolds: seen.legacyHolds.filter(({ untilMs }) => untilMs !== null) }),
    },
  },
  {
    name: 'rollback takes an instance that does not respond for closed',
    breaks: 'rollback is refused',
    world: MOVING.fleet,
    rules: {
      ...PRODUCTION,
      fleet: (seen) => {
        const isShort = seen.responding < (seen.expected ?? 0);
        const hold = { meter: 'one that is silent', why: 'does not respond', untilMs: null };
        return { ...seen, legacyHolds: isShort ? [...seen.legacyHolds, hold] : seen.legacyHolds };
      },
    },
  },
  {
    name: 'rollback trusts what instances reported before the close',
    breaks: 'a valid legacy token is rejected',
    world: MOVING.fleet,
    rules: { ...PRODUCTION, fleet: (seen) => ({ ...seen, legacyHolds: [] }) },
  },
  {
    name: 'rollback waits for the drain gate',
    breaks: 'rollback is refused',
    world: MOVING.fleet,
    rules: withTransition('rollback', ({ guards }) => ({ guards: [...guards, 'drained'] })),
  },
  {
    name: 'rollback waits for the whole fleet',
    breaks: 'rollback is refused',
    world: MOVING.fleet,
    rules: withTransition('rollback', ({ guards }) => ({ guards: [...guards, 'fleet_accepts_target'] })),
  },
  {
    name: 'rollback closes acceptance',
    breaks: 'a valid legacy token is rejected',
    world: MOVING.fleet,
    rules: withTransition('rollback', ({ apply }) => ({
      apply: (position, move) => ({ ...apply(position, move), acceptance: 'target' }),
    })),
  },
  {
    name: 'advance to 100 closes acceptance',
    breaks: 'a valid legacy token is rejected',
    world: MOVING.fleet,
    rules: withTransition('advance', ({ apply }) => ({
      apply: (position, move) => ({
        ...apply(position, move),
        acceptance: move.verb === 'advance' && move.percent === 100 ? 'target' : 'both',
      }),
    })),
  },
  {
    name: 'reopen waits for the drain gate',
    breaks: 'reopen is refused',
    world: MOVING.fleet,
    rules: withTransition('reopen', () => ({ guards: ['drained'] })),
  },
  {
    name: 'close does not check the drain gate',
    breaks: 'a valid legacy token is rejected',
    world: MOVING.fleet,
    rules: withoutGuard('close', 'drained'),
  },
  {
    name: 'close treats an inconclusive gate as a pass',
    breaks: 'a valid legacy token is rejected',
    world: MOVING.fleet,
    rules: withGuard('drained', (situation, move) =>
      situation.drain.verdict === 'inconclusive' ? undefined : GUARD.drained(situation, move),
    ),
  },
  {
    name: 'close rolls issuance back',
    breaks: 'a valid legacy token is rejected',
    world: MOVING.fleet,
    rules: withTransition('close', () => ({
      apply: ({ issuance }) => ({ acceptance: 'target', issuance: { ...issuance, enabled: false, percent: 0 } }),
    })),
  },
  {
    name: 'an instance without flags starts closed',
    breaks: 'a valid legacy token is rejected',
    world: MOVING.fleet,
    rules: { ...PRODUCTION, bootstrap: 'target' },
  },
  {
    name: 'an instance acts on a position before writing it to disk',
    breaks: 'a valid legacy token is rejected',
    world: MOVING.fleet,
    rules: { ...PRODUCTION, persistsFirst: false },
  },
  {
    name: 'bucketing is not monotone: 100 % loses an early key',
    breaks: 'an advance sends a client back to legacy',
    world: MOVING.square,
    rules: {
      ...PRODUCTION,
      side: (percent, key) => (key === KEY.early && percent === 100 ? 'legacy' : PRODUCTION.side(percent, key)),
    },
  },
  {
    name: 'bucketing never moves the last keys',
    breaks: 'the legacy audience can never be closed',
    world: MOVING.longSession,
    rules: { ...PRODUCTION, side: (percent, key) => (key === KEY.late ? 'legacy' : PRODUCTION.side(percent, key)) },
  },
];

/** Rules that the explorer proves to be a second line of defence: without them the other rules still hold. */
export const SECOND_LINES: readonly Omit<Mutation, 'breaks'>[] = [
  // Closed implies that the gate has passed, hence 100 %, from where forward_only allows no advance.
  {
    name: 'advance is allowed while the legacy audience is closed',
    world: MOVING.fleet,
    rules: withoutGuard('advance', 'acceptance_open'),
  },
];
