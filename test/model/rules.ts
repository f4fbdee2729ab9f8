import { deepStrictEqual } from 'node:assert/strict';
import {
  type Acceptance,
  DEFAULT_FLAG_DOCUMENT,
  type Decision,
  DRAIN_CHECK,
  DRAIN_CHECKS,
  type DrainPlan,
  type DrainVerdict,
  decideMove,
  derivePhase,
  drainVerdict,
  type Evidence,
  type FleetEvidence,
  GUARD,
  type Move,
  type Refusal,
  type Side,
  type Situation,
  TRANSITIONS,
} from '@crossfade/core';
import { createSelector } from '@crossfade/selector';
import { type PresentedToken, SIGHTINGS, type Sighting } from './token.ts';
import type { World } from './world.ts';

/** The rules of Crossfade that the explorer drives and a mutation can break. */
export interface Rules {
  decide(move: Move, situation: Situation): Decision;
  verdict(evidence: Evidence, plan: DrainPlan, now: number): DrainVerdict;
  /** Returns the side that a login with this key asks for. */
  side(percent: number, key: string): Side;
  /** The acceptance of an instance that starts with neither the store nor its disk. */
  readonly bootstrap: Acceptance;
  /** Whether an instance writes a new position to its disk before it acts on it. */
  readonly persistsFirst: boolean;
  /** Returns what a meter notes of a token that the API accepted. */
  sighting(token: PresentedToken): Sighting;
  /** Derives the fleet evidence from what the operator's tools see. */
  fleet(seen: FleetEvidence): FleetEvidence;
}

/** A deliberate defect, the world in which the explorer must find it, and what it breaks there. */
export interface Mutation {
  readonly name: string;
  readonly breaks: string;
  readonly world: World;
  readonly rules: Rules;
}

/** The pieces that `decideMove` and `drainVerdict` are composed of. */
export interface Pieces {
  readonly transitions: typeof TRANSITIONS;
  readonly guards: typeof GUARD;
  readonly checks: typeof DRAIN_CHECK;
}

export const PIECES: Pieces = { transitions: TRANSITIONS, guards: GUARD, checks: DRAIN_CHECK };

export const PRODUCTION: Rules = {
  decide: decideMove,
  verdict: drainVerdict,
  side: selectedSide,
  bootstrap: DEFAULT_FLAG_DOCUMENT.acceptance,
  persistsFirst: true,
  sighting: (token) => SIGHTINGS[token],
  fleet: (seen) => seen,
};

/** Composes `decideMove` and `drainVerdict` from pieces that may be mutated. */
export function composeRules({ transitions, guards, checks }: Pieces): Pick<Rules, 'decide' | 'verdict'> {
  return {
    decide(move, situation) {
      const transition = transitions[move.verb];
      const refusals: Refusal[] = [];
      for (const guard of transition.guards) {
        const detail = guards[guard](situation, move);
        if (detail !== undefined) refusals.push({ guard, detail });
      }
      if (refusals.length > 0) return { allowed: false, refusals };
      const position = transition.apply(situation.position, move);
      return { allowed: true, position, phase: derivePhase(position.acceptance, position.issuance) };
    },
    verdict(evidence, plan, now) {
      const results = DRAIN_CHECKS.map((name) => ({ name, ...checks[name](evidence, plan, now) }));
      const failed = results.some(({ verdict }) => verdict === 'fail');
      const passed = results.every(({ verdict }) => verdict === 'pass');
      return { verdict: failed ? 'fail' : passed ? 'pass' : 'inconclusive', checks: results, earliestPassMs: null };
    },
  };
}

/** Production with a meter that notes something else of one kind of token. */
export function withSighting(token: PresentedToken, sighting: Sighting): Rules {
  return { ...PRODUCTION, sighting: (seen) => (seen === token ? sighting : SIGHTINGS[seen]) };
}

/** Production, compared with its composition at every decision: proves that a mutation differs only in its defect. */
export function productionWithProof(): Rules {
  const composed = composeRules(PIECES);
  return {
    ...PRODUCTION,
    decide(move, situation) {
      const decision = PRODUCTION.decide(move, situation);
      deepStrictEqual(composed.decide(move, situation), decision);
      return decision;
    },
    verdict(evidence, plan, now) {
      const { earliestPassMs, ...decided } = PRODUCTION.verdict(evidence, plan, now);
      deepStrictEqual(composed.verdict(evidence, plan, now), { ...decided, earliestPassMs: null });
      return { ...decided, earliestPassMs };
    },
  };
}

function selectedSide(percent: number, key: string): Side {
  const side = { scope: '' };
  const issuance = () => ({ enabled: percent > 0, percent, revision: null, sinceMs: null });
  return createSelector({ legacy: side, target: { scope: 'api' }, salt: 'model', issuance }).select({ key }).side;
}

/** Keys with buckets in the lower and in the upper half. */
export const KEY = { early: keyThat('target'), late: keyThat('legacy') } as const;

function keyThat(side: Side): string {
  for (let i = 0; ; i++) if (selectedSide(50, `client-${i}`) === side) return `client-${i}`;
}
