import { setTimeout as delay } from 'node:timers/promises';
import { type Acceptance, type Brownout, formatDuration, type MigrationPlan, UnavailableError } from '@crossfade/core';
import {
  describeHeld,
  type HeldByMeter,
  type MeterApart,
  metersApart,
  otherStore,
  type StoreFlags,
} from '../fleet/flags-held.ts';
import type { Fleet, FleetSnapshot, ReadFrame } from '../fleet/fleet.ts';
import { pollIntervalMs } from '../fleet/fleet-evidence.ts';
import { missingCount, respondingCount } from '../fleet/fleet-size.ts';
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
  readonly pending: readonly MeterApart[];
}

export interface WaitOptions {
  readonly timeoutMs: number;
  /** Returns the meters to wait for. */
  pendingIn(snapshot: FleetSnapshot): readonly MeterApart[];
  /** What the fleet is read for. */
  readonly frame?: ReadFrame;
  /** Says why it waits, and what else could be done: printed whenever other meters are pending. */
  explain?(pending: readonly MeterApart[]): string;
}

/** Returns how long to wait for the meters to show a change: two polls, since one may fail. */
export function convergenceTimeoutMs(plan: Pick<MigrationPlan, 'flags'>, fleet: Fleet | undefined): number {
  return 2 * pollIntervalMs(plan) + MARGIN_MS + (fleet?.lagMs ?? 0);
}

/** Reads the fleet until no meter is pending, the timeout is over or the signal aborts. */
export async function waitForFleet(
  fleet: Fleet | undefined,
  { timeoutMs, pendingIn, frame, explain }: WaitOptions,
  { report, now, signal }: Pick<Invocation, 'report' | 'now' | 'signal'>,
): Promise<Convergence> {
  if (fleet === undefined) {
    const why = 'the plan names no meters: set gate.prometheus, gate.sidecars or sidecar';
    return { convergedAtMs: null, tookMs: 0, meters: 0, pending: [{ meter: 'the fleet', why }] };
  }
  const startedMs = performance.now();
  let explained = '';
  let last: Reading | undefined;
  for (let reads = 0; ; reads += 1) {
    const reading = await readOnce(fleet, { pendingIn, frame }, now());
    // An interrupted read misses meters that respond: what was read before it stands.
    const isCutShort = signal.aborted && reading.pending.length > 0;
    const { pending, meters } = isCutShort ? (last ?? reading) : reading;
    last = reading;
    const tookMs = performance.now() - startedMs;
    if (pending.length === 0) return { convergedAtMs: now(), tookMs, meters, pending };
    const isHopeless = pending.every((meter) => meter.isHopeless === true);
    if (isHopeless || tookMs >= timeoutMs || signal.aborted) return { convergedAtMs: null, tookMs, meters, pending };
    const names = pending.map(({ meter }) => meter).join(', ');
    if (explain !== undefined) {
      if (names !== explained) report.field('waiting', explain(pending), 'yellow');
    } else if (reads === 0 && !report.isTerminal)
      report.field('waiting', `for ${names}, for up to ${formatDuration(timeoutMs - tookMs)}`);
    explained = names;
    report.progress(`waiting for ${names}: ${formatDuration(timeoutMs - tookMs)} left`);
    await delay(Math.min(READ_EVERY_MS, timeoutMs - tookMs), undefined, { signal }).catch(() => undefined);
  }
}

type Reading = Pick<Convergence, 'pending' | 'meters'>;

async function readOnce(
  fleet: Fleet,
  { pendingIn, frame }: Pick<WaitOptions, 'pendingIn'> & { readonly frame: ReadFrame | undefined },
  nowMs: number,
): Promise<Reading> {
  try {
    const snapshot = await fleet.read(nowMs, frame);
    return { pending: pendingIn(snapshot), meters: respondingCount(snapshot) };
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
  /** The brownout, if the write changed it; `null`: none. */
  readonly brownout?: Brownout | null;
  /** The store as it stands after the write; absent if it could not be read back. */
  readonly store?: Pick<StoreFlags, 'source' | 'hash'>;
}

/** Returns every expected meter that does not show the write yet. */
export function metersBehind(snapshot: FleetSnapshot, position: ExpectedPosition): MeterApart[] {
  const { expected, missing, silent } = snapshot;
  const behind = metersApart(snapshot, (held) => {
    const other = position.store && otherStore(held, position.store);
    if (other !== undefined) return { why: `${other}: this change does not reach it`, isHopeless: true };
    if (!shows(held, position)) return { why: describeHeld(held) };
    return held.isOld === true ? { why: 'was not scraped since the change was written' } : undefined;
  });
  const pending: MeterApart[] = [...missing, ...behind];
  const known = respondingCount(snapshot) + missingCount(snapshot);
  const gone = silent.length === 0 ? '' : `; silent: ${silent.map(({ meter }) => meter).join(', ')}`;
  if (expected === null) pending.push({ meter: 'the fleet', why: 'the number of expected meters is unknown' });
  else if (known < expected)
    pending.push({ meter: 'the fleet', why: `${known} of ${expected} expected meters are known${gone}` });
  return pending;
}

/**
 * The hash proves that a meter shows the write. An older one tells none: its revision proves it, together with the share,
 * because every store counts 1, 2, 3. For a disabled flag an AppConfig Agent reports another revision, because AppConfig strips
 * the flag's attributes; then the position proves it, if the meter's document is fresh.
 */
function shows(
  { revision, issuancePercent, flagsHash, stale, sides }: HeldByMeter,
  { store, percent, acceptance, ...written }: ExpectedPosition,
): boolean {
  if (flagsHash !== null && store !== undefined) return flagsHash === store.hash;
  const hasShare = issuancePercent === null || issuancePercent === percent;
  if (revision === written.revision && hasShare) return true;
  if (percent !== 0 || issuancePercent !== 0 || stale) return false;
  // Only an instance that shows that it refuses legacy holds a reopening.
  return acceptance === undefined || (sides?.legacy.commanded ?? true) === (acceptance === 'both');
}
