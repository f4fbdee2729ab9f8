import {
  commandedPhase,
  describeDrainEta,
  describeMinting,
  type FlagDocument,
  type MigrationPlan,
  type Minting,
  mintedForLegacy,
  type Phase,
  type Situation,
} from '@crossfade/core';

/** Where a migration stands, why, and what comes next. */
export interface MigrationState {
  readonly phase: Phase;
  readonly reason: string;
  readonly next: string;
  /** Whether the plan names meters and none responds. */
  readonly isBlind: boolean;
  /** When the drain could end. */
  readonly drainEta: string;
}

export function stateOf(
  document: FlagDocument,
  { fleet, drain, minting }: Situation,
  plan: MigrationPlan,
  nowMs: number,
): MigrationState {
  const { percent } = document.issuance;
  // Before the first login asks for target, every instance must have been seen to accept it.
  const { expected, responding, acceptingTarget, preparedForTarget = acceptingTarget } = fleet;
  const isPrepared = responding > 0 && preparedForTarget >= Math.max(expected ?? 0, responding);
  const phase = commandedPhase(document.acceptance, document.issuance, isPrepared);
  const accepting = `${fleet.acceptingTarget} of ${fleet.expected ?? 'an unknown number of'} API instances are known to accept target tokens`;
  const disagreements = drain.checks.find(({ name, verdict }) => name === 'disagreements' && verdict === 'fail');
  // Waiting alone settles neither of them.
  const blocking = drain.checks
    .filter(({ name, verdict, passesAtMs }) => verdict !== 'pass' && (passesAtMs === null || name === 'disagreements'))
    .map(({ detail }) => detail);
  const texts: Record<Phase, Pick<MigrationState, 'reason' | 'next'>> = {
    prepare: {
      reason: `every login asks for legacy, and ${accepting}`,
      next: 'make every API accept both audiences, then send each one a real token for the target audience alone',
    },
    expand: {
      reason: `every login asks for legacy; the flags accept both audiences; ${accepting}`,
      next:
        disagreements === undefined
          ? `start with ${plan.steps[0] ?? 100}% of logins: crossfade advance`
          : `settle this before a validator enforces, because it would turn these clients away: ${disagreements.detail}`,
    },
    migrate: {
      reason: `${percent}% of logins ask for target; the flags accept both audiences`,
      next: nextInMigrate(
        [disagreements?.detail, wrongMints(minting)].filter((detail) => detail !== undefined),
        plan.steps.find((step) => step > percent) ?? 100,
      ),
    },
    drain: {
      reason: `every login asks for target; legacy tokens already issued are still accepted; the gate says ${drain.verdict}`,
      next: nextInDrain(drain.verdict === 'pass', blocking),
    },
    contract:
      percent < 100
        ? turnedAway(percent)
        : {
            reason: 'the legacy audience is closed: the flags accept target tokens only',
            next:
              disagreements === undefined
                ? 'give each API acceptance: target as a constant, so that no flag reopens legacy; to undo the close: crossfade reopen'
                : `settle this first: ${disagreements.detail}`,
          },
  };
  const isBlind = fleet.responding === 0 && namesMeters(plan);
  return {
    phase,
    ...texts[phase],
    ...(isBlind && !(phase === 'contract' && percent < 100) && BLIND),
    isBlind,
    drainEta: describeDrainEta(phase, drain.earliestPassMs, plan, nowMs),
  };
}

/** By a hand in the flags, or by a reader that lags: no verb of Crossfade leads there. */
function turnedAway(percent: number): Pick<MigrationState, 'reason' | 'next'> {
  const share = percent === 0 ? 'every login still asks' : `${formatPercent(100 - percent)}% of logins still ask`;
  return {
    reason: `the legacy audience is closed, and ${share} for legacy: APIs refuse the tokens that these get`,
    next: 'let legacy in again at once: crossfade reopen, or crossfade rollback for all logins',
  };
}

/** Two decimals count. */
function formatPercent(percent: number): string {
  return String(Math.round(percent * 100) / 100);
}

/** Without a meter nothing is known of the APIs, whatever the flags say. */
const BLIND = {
  reason: 'no meter responds, so that it is unknown what the APIs accept: the phase is what the flags alone tell',
  next: 'bring the meters back, because none responds: crossfade doctor says what each one lacks',
};

function namesMeters({ gate, sidecar }: Pick<MigrationPlan, 'gate' | 'sidecar'>): boolean {
  return gate.prometheus !== undefined || gate.sidecars !== undefined || sidecar !== undefined;
}

/** What stops the next advance. */
function wrongMints(minting: Minting | undefined): string | undefined {
  return minting !== undefined && mintedForLegacy(minting) > 0 ? describeMinting(minting) : undefined;
}

function nextInMigrate(unsettled: readonly string[], step: number): string {
  if (unsettled.length > 0) return `settle this before the next step: ${unsettled.join('; ')}`;
  return `watch rejections, then go on to ${step}%: crossfade advance; or go back: crossfade rollback`;
}

function nextInDrain(isDrained: boolean, blocking: readonly string[]): string {
  if (isDrained) return 'close the legacy audience: crossfade close';
  if (blocking.length === 0) return 'wait, then check again: crossfade gate';
  return `settle what waiting alone does not, then check again (crossfade gate): ${blocking.join('; ')}`;
}
