import { derivePhase, type Phase, type RecordedMove } from '@crossfade/core';

/** A phase that the recorded moves show, oldest first. */
export interface RecordedPhase {
  readonly phase: Phase;
  readonly startedMs: number;
  /** `null`: it lasts. */
  readonly endedMs: number | null;
}

/**
 * Derives the phases from the moves that took effect, given newest first. A move whose positions are not known ends a phase
 * nowhere, so the phases around it are joined or wrong: `unknown` counts those.
 */
export function phasesOf(moves: readonly RecordedMove[]): {
  readonly phases: readonly RecordedPhase[];
  readonly unknown: number;
} {
  const effective = moves.filter(({ state }) => state !== 'rolled_back').toReversed();
  const phases: RecordedPhase[] = [];
  for (const { to, atMs } of effective) {
    if (to === undefined) continue;
    const phase = derivePhase(to.acceptance, to);
    const last = phases.at(-1);
    if (last?.phase === phase) continue;
    if (last !== undefined) phases[phases.length - 1] = { ...last, endedMs: atMs };
    phases.push({ phase, startedMs: atMs, endedMs: null });
  }
  const unknown = effective.filter(({ to, state }) => to === undefined || state === 'reverted').length;
  return { phases, unknown };
}
