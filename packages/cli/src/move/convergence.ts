import { setTimeout as delay } from 'node:timers/promises';
import { type Acceptance, formatDuration, type MigrationPlan, UnavailableError } from '@crossfade/core';
import type { Fleet, FleetSnapshot, MeterReading, MissingMeter } from '../fleet/fleet.ts';
import { pollIntervalMs } from '../fleet/fleet-evidence.ts';
import type { Invocation } from '../verb/verb.ts';

const READ_EVERY_MS = 250;
const MARGIN_MS = 5000;
export interface Convergence {
  /** When every expected meter showed the change, in epoch ms; `null` if they did not within the timeout. */
  readonly convergedAtMs: number | null;
  readonly tookMs: number;
  /** How many meters responded. */
  readonly meters: number;
  /** The meters that do not show it, and why. */
  readonly pending: readonly MissingMeter[];
}

/** Returns how long to wait for the meters to show a change: two polls, since one may fail. */
export function convergenceTimeoutMs(plan: Pick<MigrationPlan, 'flags'>, fleet: Fleet | undefined): number {
  return 2 * pollIntervalMs(plan) + MARGIN_MS + (fleet?.lagMs ?? 0);
}

/** Reads the fleet until no meter is pending, `timeoutMs` are over or the signal aborts. */
export async function waitForFleet(
  fleet: Fleet | undefined,
  timeoutMs: number,
  pendingIn: (snapshot: FleetSnapshot) => readonly MissingMeter[],
  { report, now, signal }: Pick<Invocation, 'report' | 'now' | 'signal'>,
): Promise<Convergence> {
  if (fleet === undefined) {
    const why = 'the plan names no meters: set gate.prometheus, gate.sidecars or sidecar';
    return { convergedAtMs: null, tookMs: 0, meters: 0, pending: [{ meter: 'the fleet', why }] };
  }
  const startedMs = performance.now();
  for (;;) {
    const { pending, meters } = await readOnce(fleet, pendingIn, now());
    const tookMs = performance.now() - startedMs;
    if (pending.length === 0) return { convergedAtMs: now(), tookMs, meters, pending };
    if (tookMs >= timeoutMs || signal.aborted) return { convergedAtMs: null, tookMs, meters, pending };
    report.progress(
      `waiting for ${pending.map(({ meter }) => meter).join(', ')}: ${formatDuration(timeoutMs - tookMs)} left`,
    );
    await delay(Math.min(READ_EVERY_MS, timeoutMs - tookMs), undefined, { signal }).catch(() => undefined);
  }
}

async function readOnce(
  fleet: Fleet,
  pendingIn: (snapshot: FleetSnapshot) => readonly MissingMeter[],
  nowMs: number,
): Promise<{ pending: readonly MissingMeter[]; meters: number }> {
  try {
    const snapshot = await fleet.read(nowMs);
    return { pending: pendingIn(snapshot), meters: snapshot.readings.length };
  } catch (error) {
    if (!(error instanceof UnavailableError)) throw error;
    return { pending: [{ meter: fleet.source, why: error.message }], meters: 0 };
  }
}

/** What every meter must show after a write. */
export interface ExpectedPosition {
  readonly revision: string;
  /** The issuance share after the write. */
  readonly percent: number;
  /** The acceptance, if the write changed it. */
  readonly acceptance?: Acceptance;
}

/** Returns every expected meter that does not show the write yet. */
export function metersBehind(
  { expected, readings, missing }: FleetSnapshot,
  position: ExpectedPosition,
): MissingMeter[] {
  const pending = [...missing];
  for (const reading of readings) {
    if (!shows(reading, position)) pending.push({ meter: reading.evidence.meter, why: describeBehind(reading) });
  }
  const known = readings.length + missing.length;
  if (expected === null) pending.push({ meter: 'the fleet', why: 'the number of expected meters is unknown' });
  else if (known < expected)
    pending.push({ meter: 'the fleet', why: `${known} of ${expected} expected meters are known` });
  return pending;
}

/**
 * The revision proves that a meter shows the write. For a disabled flag an AppConfig Agent reports another revision,
 * because AppConfig strips the flag's attributes; then the position proves it, if the meter's document is fresh.
 */
function shows({ revision, issuancePercent, stale, sides }: MeterReading, position: ExpectedPosition): boolean {
  if (revision === position.revision) return true;
  if (position.percent !== 0 || issuancePercent !== 0 || stale) return false;
  // Only an instance that shows that it refuses legacy holds a reopening.
  return position.acceptance === undefined || (sides.legacy.commanded ?? true) === (position.acceptance === 'both');
}

function describeBehind({ revision, issuancePercent, stale }: MeterReading): string {
  const share = issuancePercent === null ? '' : `, ${issuancePercent}% target`;
  return `still holds ${stale ? 'a stale flag document' : 'another flag document'} (revision ${revision ?? 'unknown'}${share})`;
}
