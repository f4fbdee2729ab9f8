import {
  derivePhase,
  describeDrainEta,
  type FlagDocument,
  type MigrationPlan,
  type Phase,
  type Situation,
} from '@crossfade/core';
import type { FleetLook } from '../fleet/fleet.ts';

/** Where a migration stands, why, and what comes next. */
export interface MigrationState {
  readonly phase: Phase;
  readonly reason: string;
  readonly next: string;
  /** When the drain could be over. */
  readonly drainEta: string;
}

export function stateOf(
  document: FlagDocument,
  look: FleetLook,
  { fleet, drain }: Situation,
  plan: MigrationPlan,
  nowMs: number,
): MigrationState {
  const { percent } = document.issuance;
  const isPrepared = look.readings.length === 0 || fleet.acceptingTarget >= look.readings.length;
  // Before the first login asks for target, an instance that was never seen to accept it holds the migration back.
  const phase = derivePhase(
    percent === 0 && document.acceptance === 'both' && !isPrepared ? 'legacy' : document.acceptance,
    document.issuance,
  );
  const accepting = `${fleet.acceptingTarget} of ${fleet.expected ?? 'an unknown number of'} API instances are known to accept target tokens`;
  const texts: Record<Phase, Pick<MigrationState, 'reason' | 'next'>> = {
    prepare: {
      reason: `every login asks for legacy, and only ${accepting}`,
      next: 'let every API accept both audiences, and send each one a real target token',
    },
    expand: {
      reason: `every login asks for legacy; APIs are told to accept both audiences, and ${accepting}`,
      next: 'begin with a few: crossfade advance --to 5',
    },
    migrate: {
      reason: `${percent}% of logins ask for target; APIs are told to accept both audiences`,
      next: 'watch rejections, then go on: crossfade advance --to <percent>; or back: crossfade rollback',
    },
    drain: {
      reason: `every login asks for target; legacy tokens that are out are still accepted; the gate says ${drain.verdict}`,
      next:
        drain.verdict === 'pass' ? 'close the legacy audience: crossfade close' : 'wait, and ask again: crossfade gate',
    },
    contract: {
      reason: 'the legacy audience is closed: APIs are told to accept target tokens only',
      next: 'delete the legacy settings; to take it back: crossfade reopen',
    },
  };
  return { phase, ...texts[phase], drainEta: describeDrainEta(phase, drain.earliestPassMs, plan, nowMs) };
}
