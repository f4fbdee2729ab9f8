import {
  type DrainCheck,
  type DrainPlan,
  describeDrainEta,
  drainVerdict,
  formatInstant,
  type MeterEvidence,
} from '@crossfade/core';
import type { SidecarStatus } from '@crossfade/core/status';
import type { DrainShown } from '../page/dashboard-state.ts';

/**
 * Returns what the gate would say if this sidecar were the only one. Not a verdict to close on: `crossfade gate` asks all
 * sidecars.
 */
export function readDrainOutlook(status: SidecarStatus, plan: DrainPlan, nowMs: number): DrainShown {
  const { percent, enabled, since } = status.issuance;
  const evidence = {
    issuance: { percent, enabled, revision: status.flags.revision, sinceMs: msOf(since) },
    expectedMeters: 1,
    meters: [evidenceOf(status)],
  };
  const { verdict, checks, earliestPassMs } = drainVerdict(evidence, plan, nowMs);
  return {
    verdict,
    eta: describeDrainEta(status.phase, earliestPassMs, plan, nowMs),
    because: blockingCheck(checks)?.detail ?? null,
    earliestPassAt: formatInstant(earliestPassMs),
    checks: checks.map(({ name, verdict: result, detail }) => ({ name, verdict: result, detail })),
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
