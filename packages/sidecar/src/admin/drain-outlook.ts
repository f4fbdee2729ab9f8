import {
  type DrainCheck,
  type DrainPlan,
  describeDrainEta,
  drainVerdict,
  formatInstant,
  type MeterEvidence,
  type ObservationPlan,
  RUNBOOK_OF_CHECK,
} from '@crossfade/core';
import type { SidecarStatus } from '@crossfade/core/status';
import type { DrainShown } from '../page/dashboard-state.ts';

type OutlookPlan = Omit<DrainPlan, 'legacy'> & Pick<ObservationPlan, 'legacy'>;

/** While the plan is for observing. */
const UNKNOWN_LEGACY: DrainShown = {
  verdict: 'inconclusive',
  eta: 'begins when the plan names legacy and every login asks for target',
  because: 'The plan names no legacy side yet: crossfade census proposes it.',
  becauseRunbook: 'prepare',
  earliestPassAt: null,
  checks: [],
  notes: [],
};

/**
 * Returns what the gate would say if this sidecar were the only one. Not a verdict to close on: `crossfade gate` asks all
 * sidecars.
 */
export function readDrainOutlook(status: SidecarStatus, plan: OutlookPlan, nowMs: number): DrainShown {
  const { legacy } = plan;
  if (legacy === undefined) return UNKNOWN_LEGACY;
  const { percent, enabled, since } = status.issuance;
  const evidence = {
    issuance: { percent, enabled, revision: status.flags.revision, sinceMs: msOf(since) },
    expectedMeters: 1,
    meters: [evidenceOf(status)],
    openConnections: status.openConnections ?? null,
  };
  const { verdict, checks, earliestPassMs, notes = [] } = drainVerdict(evidence, { ...plan, legacy }, nowMs);
  const blocking = blockingCheck(checks);
  return {
    verdict,
    eta: describeDrainEta(status.phase, earliestPassMs, { ...plan, legacy }, nowMs),
    because: blocking?.detail ?? null,
    becauseRunbook: blocking === undefined ? null : RUNBOOK_OF_CHECK[blocking.name],
    earliestPassAt: formatInstant(earliestPassMs),
    checks: checks.map(({ name, verdict: result, detail }) => ({
      name,
      verdict: result,
      detail,
      runbook: RUNBOOK_OF_CHECK[name],
    })),
    notes,
  };
}

function evidenceOf(status: SidecarStatus): MeterEvidence {
  const {
    audiences: { legacy, target },
    disagreements,
  } = status;
  return {
    meter: 'this sidecar',
    // A token that could not be judged may have been legacy: it leaves a gap in the watch.
    watchedSinceMs: Math.max(Date.parse(status.startedAt), msOf(status.lastUnavailableAt) ?? 0),
    legacy: {
      lastSeenMs: msOf(legacy.lastSeenAt),
      latestIssuedMs: msOf(legacy.latestIssuedAt),
      latestExpiryMs: msOf(legacy.latestExpiryAt),
    },
    target: { lastSeenMs: msOf(target.lastSeenAt) },
    lastValidUnauthorizedMs: msOf(status.lastValidUnauthorizedAt),
    disagreements: {
      lastVerifiedMs: msOf(disagreements.lastVerifiedAt),
      lastUnverifiedMs: msOf(disagreements.lastUnverifiedAt),
      reasons: disagreements.reasons,
    },
  };
}

/** The open check that passes last; one that time alone does not pass comes first. */
function blockingCheck(checks: readonly DrainCheck[]): DrainCheck | undefined {
  const open = checks.filter(({ verdict }) => verdict !== 'pass');
  const endOf = ({ passesAtMs }: DrainCheck) => passesAtMs ?? Number.POSITIVE_INFINITY;
  return open.toSorted((one, other) => endOf(other) - endOf(one))[0];
}

function msOf(iso: string | null): number | null {
  return iso === null ? null : Date.parse(iso);
}
