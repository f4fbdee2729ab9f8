import { formatDuration } from '../vocabulary/duration.ts';
import { derivePhase, type Phase } from '../vocabulary/phase.ts';
import type { Issuance, SwitchPosition } from '../vocabulary/switch-position.ts';
import type { DrainVerdict } from './drain-check.ts';
import { SURPLUS_METERS } from './drain-verdict.ts';
import type { LegacyHold } from './legacy-hold.ts';
import { describeMinting, type Minting, mintedForLegacy } from './minting.ts';

/** The moves of an operator on the two switches. */
export type Move =
  | { readonly verb: 'advance'; readonly percent: number }
  | { readonly verb: 'rollback' }
  | { readonly verb: 'close' }
  | { readonly verb: 'reopen' };
export type Verb = Move['verb'];

/** What the instances of the API show, whatever the flags command. */
export interface FleetEvidence {
  /** How many instances there should be; `null` if unknown. */
  readonly expected: number | null;
  /** How many responded. */
  readonly responding: number;
  /** How many of them show that they accept target tokens. */
  readonly acceptingTarget: number;
  /** How many of them took target tokens lately, before the last move or since: a rollback does not undo what they learned. */
  readonly preparedForTarget?: number;
  /** Those that may still refuse legacy after a reopening; empty if the audience was never closed. */
  readonly legacyHolds: readonly LegacyHold[];
  /** When the API last refused a valid token since the last move, in ms; absent or `null` for never. */
  readonly refusedValidMs?: number | null;
  /** When the API last took a verified token that the plan refuses since the last move, in ms; absent or `null` for never. */
  readonly disagreedMs?: number | null;
  /** Why the recording rules tell nothing of now, and so nothing of what happened since the last move. Absent: they do. */
  readonly rulesTrouble?: string;
  /** The instances whose API refused a valid token since the last move. Absent: not known. */
  readonly refusedBy?: readonly string[];
  /** The instances whose meter holds other flags than the store that a move writes, and which. Absent: none. */
  readonly flagsApart?: readonly { readonly meter: string; readonly why: string }[];
  /** The instances that show that they refuse target tokens. Absent: none. */
  readonly refusingTarget?: readonly string[];
  /** Those whose sidecar never had the keys of target, and why. Absent: not known. */
  readonly targetKeysMissing?: readonly { readonly meter: string; readonly reason: string }[];
}

/** How long a step is kept, so that its faults can show before the next one. */
export interface Soak {
  /** When the last step was made, in ms. */
  readonly sinceMs: number;
  /** `gate.soak`, in ms. */
  readonly soakMs: number;
}

/** The input of the decision whether a move is safe. */
export interface Situation {
  /** What the flags command. */
  readonly position: SwitchPosition;
  readonly fleet: FleetEvidence;
  readonly drain: DrainVerdict;
  /** What the provider mints; absent: unknown. */
  readonly minting?: Minting;
  /** The step to keep for a while before the next; absent: none, or the operator skips it. */
  readonly soak?: Soak;
  /** The present, in ms, for the ages in explanations. */
  readonly nowMs: number;
}

export const GUARDS = [
  'flags_match',
  'fleet_accepts_target',
  'answers_clean',
  'agrees',
  'expanded',
  'minting',
  'acceptance_open',
  'fleet_reopened',
  'forward_only',
  'soaked',
  'drained',
] as const;
export type GuardName = (typeof GUARDS)[number];

/** Returns the reason against the move as a sentence for the operator, `undefined` if there is none. */
type Guard = (situation: Situation, move: Move) => string | undefined;

export const GUARD: Readonly<Record<GuardName, Guard>> = {
  // A move that a meter never reads is not confirmed by it, and what it shows is another fleet's.
  flags_match({ fleet: { flagsApart = [] } }) {
    if (flagsApart.length === 0) return undefined;
    const named = flagsApart.map(({ meter, why }) => `${meter} ${why}`).join('; ');
    return `the store and the fleet hold different flags: ${named}: compare flags in the plans of this command and of the sidecars, let each sidecar reach the store (crossfade doctor), then try again`;
  },

  fleet_accepts_target({ fleet }) {
    const { expected, responding, acceptingTarget, targetKeysMissing = [] } = fleet;
    if (expected !== null && responding > expected)
      return `${responding} of ${expected} expected meters responded: ${SURPLUS_METERS}`;
    if (expected !== null && expected > 0 && acceptingTarget >= expected) return undefined;
    const known = `${acceptingTarget} of ${expected ?? 'an unknown number of'} API instances are known to accept target tokens`;
    if (targetKeysMissing.length > 0) {
      const sidecars = targetKeysMissing.map(({ meter, reason }) => `${meter} (${reason})`).join(', ');
      return `${known}: no keys of target yet at ${sidecars}: let each sidecar reach the issuer of target, or correct target.issuer and target.keys in its plan`;
    }
    return `${known}: send each one a request with a real token for the target audience alone, through its sidecar (a token with both audiences proves nothing), or let the sidecar enforce, with the keys of target (its /readyz says whether it has them)`;
  },

  // What happened before the last move may be mended; what happened since says that this step is not a safe one.
  answers_clean({ fleet, nowMs }) {
    const { refusedValidMs = null, refusedBy = [], refusingTarget = [] } = fleet;
    if (refusedValidMs === null) return undefined;
    const at = refusedBy.length === 0 ? '' : ` (${refusedBy.join(', ')})`;
    const still = refusingTarget.length === 0 ? '' : `; ${refusingTarget.join(', ')} still refuses target tokens`;
    return `the API refused a valid token ${formatDuration(nowMs - refusedValidMs)} ago${at}, since the last step${still}: roll back (crossfade rollback), and compare the settings of that API with the plan`;
  },

  agrees({ position, fleet, nowMs }) {
    const { disagreedMs = null, rulesTrouble } = fleet;
    if (rulesTrouble !== undefined)
      return `whether the API accepts tokens that the plan refuses is unknown: ${rulesTrouble}`;
    // Before the first step `expanded` looks further back.
    if (position.issuance.percent === 0 || disagreedMs === null) return undefined;
    return `the API accepted a verified token that the plan refuses ${formatDuration(nowMs - disagreedMs)} ago, since the last step: see which one (crossfade status), and make the plan say what the API does`;
  },

  expanded({ position, drain }) {
    if (position.issuance.percent > 0) return undefined;
    const check = drain.checks.find(({ name }) => name === 'disagreements');
    if (check?.verdict !== 'fail') return undefined;
    return `expand is not done, because an API that enforces the plan would turn clients away: ${check.detail}`;
  },

  // At 0 % no client asks for target: what came for legacy before a rollback may be mended.
  minting({ position, minting }) {
    if (position.issuance.percent === 0 || minting === undefined) return undefined;
    if (minting.kind === 'unrecorded') return `what the provider mints is ${describeMinting(minting)}`;
    return mintedForLegacy(minting) === 0 ? undefined : describeMinting(minting);
  },

  acceptance_open({ position }) {
    if (position.acceptance === 'both') return undefined;
    return 'the legacy audience is closed: reopen it first (crossfade reopen)';
  },

  fleet_reopened({ fleet: { legacyHolds }, nowMs }) {
    if (legacyHolds.length === 0) return undefined;
    const named = legacyHolds.map(({ meter, why, untilMs }) => {
      const left = untilMs === null ? '' : ` (holds for another ${formatDuration(Math.max(0, untilMs - nowMs))})`;
      return `${meter} ${why}${left}`;
    });
    return `the legacy audience was closed, and logins must not return to it yet: ${named.join('; ')}`;
  },

  forward_only({ position }, move) {
    if (move.verb !== 'advance' || move.percent > position.issuance.percent) return undefined;
    return `issuance is at ${position.issuance.percent}% already, and advance only goes up: to go back, roll back (crossfade rollback)`;
  },

  soaked({ position, soak, nowMs }) {
    // At 0 % there is no step to keep.
    if (soak === undefined || position.issuance.percent === 0) return undefined;
    const leftMs = soak.sinceMs + soak.soakMs - nowMs;
    if (leftMs <= 0) return undefined;
    return `the last step was ${formatDuration(nowMs - soak.sinceMs)} ago, and each is kept for ${formatDuration(soak.soakMs)} (gate.soak), so that its faults can show: wait ${formatDuration(leftMs)}, or give a reason (--skip-soak --reason "...")`;
  },

  drained({ drain }) {
    if (drain.verdict === 'pass') return undefined;
    // Where Prometheus tells nothing, it is one reason of all.
    const reasons = new Set(drain.checks.filter((check) => check.verdict !== 'pass').map((check) => check.detail));
    return `the drain gate says ${drain.verdict}: ${[...reasons].join('; ')}`;
  },
};

/** One row of the transition table: the guards of a move, and the position that it leads to. */
export interface Transition {
  readonly guards: readonly GuardName[];
  apply(position: SwitchPosition, move: Move): SwitchPosition;
}

/**
 * The transition table. `rollback` is guarded only after a close: while acceptance stays `both` it is always safe.
 * `reopen` has no guard.
 */
export const TRANSITIONS: Readonly<Record<Verb, Transition>> = {
  advance: {
    guards: [
      'acceptance_open',
      'flags_match',
      'fleet_accepts_target',
      'answers_clean',
      'agrees',
      'expanded',
      'minting',
      'forward_only',
      'soaked',
    ],
    apply: ({ acceptance }, move) => ({ acceptance, issuance: issuanceAt(move.verb === 'advance' ? move.percent : 0) }),
  },
  rollback: {
    guards: ['acceptance_open', 'fleet_reopened'],
    apply: ({ acceptance }) => ({ acceptance, issuance: issuanceAt(0) }),
  },
  close: {
    guards: ['flags_match', 'drained'],
    apply: ({ issuance }) => ({ acceptance: 'target', issuance }),
  },
  reopen: {
    guards: [],
    apply: ({ issuance }) => ({ acceptance: 'both', issuance }),
  },
};

export interface Refusal {
  readonly guard: GuardName;
  readonly detail: string;
}

/** The result of a move: the next position and its phase, or every reason against it. */
export type Decision =
  | { readonly allowed: true; readonly position: SwitchPosition; readonly phase: Phase }
  | { readonly allowed: false; readonly refusals: readonly Refusal[] };

/** Decides whether a move is safe in a situation. Changes nothing. */
export function decideMove(move: Move, situation: Situation): Decision {
  const transition = TRANSITIONS[move.verb];
  const refusals: Refusal[] = [];
  for (const guard of transition.guards) {
    const detail = GUARD[guard](situation, move);
    if (detail !== undefined) refusals.push({ guard, detail });
  }
  if (refusals.length > 0) return { allowed: false, refusals };
  const position = transition.apply(situation.position, move);
  return { allowed: true, position, phase: derivePhase(position.acceptance, position.issuance) };
}

function issuanceAt(percent: number): Issuance {
  return { enabled: percent > 0, percent, revision: null, sinceMs: null };
}
