import { setTimeout as delay } from 'node:timers/promises';
import { type Acceptance, formatDuration, type MigrationPlan, UnavailableError } from '@crossfade/core';
import type { Fleet, FleetLook, MeterReading, MissingMeter } from '../fleet/fleet.ts';
import type { Invocation } from '../verb/verb.ts';

const LOOK_EVERY_MS = 250;
const MARGIN_MS = 5000;
/** A flag file is read four times a second; a mounted one takes a while to be replaced. */
const FILE_INTERVAL_MS = 1000;

export interface Convergence {
  /** When every expected meter showed what was waited for, in ms; `null` when they did not within the bound. */
  readonly convergedAtMs: number | null;
  readonly tookMs: number;
  /** How many meters were asked. */
  readonly meters: number;
  /** Who has not shown it, and why not. */
  readonly pending: readonly MissingMeter[];
}

/** How long the store's readers take to see a change, at most, in ms. */
export function timeToEffectMs({ flags }: Pick<MigrationPlan, 'flags'>): number {
  return flags.source === 'file' ? FILE_INTERVAL_MS : flags.pollIntervalMs;
}

/** How long it is worth waiting for the meters to show a change: two polls, since one may fail. */
export function waitBoundMs(plan: Pick<MigrationPlan, 'flags'>, fleet: Fleet | undefined): number {
  return 2 * timeToEffectMs(plan) + MARGIN_MS + (fleet?.lagMs ?? 0);
}

/** Looks at the fleet until nothing is pending in it, `boundMs` are over, or the signal ends it. */
export async function waitForFleet(
  fleet: Fleet | undefined,
  boundMs: number,
  pendingIn: (look: FleetLook) => readonly MissingMeter[],
  { report, now, signal }: Pick<Invocation, 'report' | 'now' | 'signal'>,
): Promise<Convergence> {
  if (fleet === undefined) {
    const why = 'the plan names no meters to ask (gate.prometheus, gate.sidecars or sidecar)';
    return { convergedAtMs: null, tookMs: 0, meters: 0, pending: [{ meter: 'the fleet', why }] };
  }
  const startedMs = performance.now();
  for (;;) {
    const { pending, meters } = await lookOnce(fleet, pendingIn, now());
    const tookMs = performance.now() - startedMs;
    if (pending.length === 0) return { convergedAtMs: now(), tookMs, meters, pending };
    if (tookMs >= boundMs || signal.aborted) return { convergedAtMs: null, tookMs, meters, pending };
    report.progress(
      `waiting for ${pending.map(({ meter }) => meter).join(', ')}: ${formatDuration(boundMs - tookMs)} left`,
    );
    await delay(Math.min(LOOK_EVERY_MS, boundMs - tookMs), undefined, { signal }).catch(() => undefined);
  }
}

async function lookOnce(
  fleet: Fleet,
  pendingIn: (look: FleetLook) => readonly MissingMeter[],
  nowMs: number,
): Promise<{ pending: readonly MissingMeter[]; meters: number }> {
  try {
    const look = await fleet.look(nowMs);
    return { pending: pendingIn(look), meters: look.readings.length };
  } catch (error) {
    if (!(error instanceof UnavailableError)) throw error;
    return { pending: [{ meter: fleet.place, why: error.message }], meters: 0 };
  }
}

/** What the meters are waited to show after a write. */
export interface Wanted {
  readonly revision: string;
  /** The issuance share that now stands. */
  readonly percent: number;
  /** The acceptance, when it is what changed. */
  readonly acceptance?: Acceptance;
}

/** Every expected meter that does not show yet what was written. */
export function behindIn({ expected, readings, missing }: FleetLook, wanted: Wanted): MissingMeter[] {
  const pending = [...missing];
  for (const reading of readings) {
    if (!shows(reading, wanted)) pending.push({ meter: reading.evidence.meter, why: describeBehind(reading) });
  }
  const known = readings.length + missing.length;
  if (expected === null) pending.push({ meter: 'the fleet', why: 'the number of expected meters is unknown' });
  else if (known < expected)
    pending.push({ meter: 'the fleet', why: `${known} of ${expected} expected meters are known` });
  return pending;
}

/**
 * The revision proves it. An AppConfig Agent tells another one for a disabled flag, whose attributes AppConfig strips;
 * then the position proves it, as long as what the meter holds is fresh.
 */
function shows({ revision, issuancePercent, stale, accepts }: MeterReading, wanted: Wanted): boolean {
  if (revision === wanted.revision) return true;
  if (wanted.percent !== 0 || issuancePercent !== 0 || stale) return false;
  return wanted.acceptance === undefined || accepts.legacy === (wanted.acceptance === 'both');
}

function describeBehind({ revision, issuancePercent, stale }: MeterReading): string {
  const share = issuancePercent === null ? '' : `, ${issuancePercent}% target`;
  return `still holds ${stale ? 'a stale flag document' : 'another flag document'} (revision ${revision ?? 'unknown'}${share})`;
}
