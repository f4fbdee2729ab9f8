import { activeBrownout, type Brownout, type FlagDocument, formatInstant, type RecordedMove } from '@crossfade/core';
import type { RunningBrownoutJson } from '../json/parts.ts';
import type { Fleet, FleetSnapshot } from './fleet.ts';

/** A brownout that the flags command now, who began it, and what came of it. `null` is unknown. */
export interface RunningBrownout extends Brownout {
  readonly startedMs: number | null;
  readonly operator: string | null;
  readonly reason: string | null;
  /** How many requests it has refused, over all meters that tell. */
  readonly refused: number | null;
  /** The meters whose validator has stopped it for itself. */
  readonly stoppedAt: readonly string[];
}

/** The longest brownout that the CLI begins. */
export const MAX_BROWNOUT_RUN_MS = 3_600_000;

/** Returns the brownout that runs now, if one does; `moves` are newest first. @throws as `Fleet.read` does. */
export async function readRunningBrownout(
  { brownout }: Pick<FlagDocument, 'brownout'>,
  moves: readonly RecordedMove[] | null,
  meters: { readonly fleet: Fleet | undefined; readonly snapshot: FleetSnapshot },
  nowMs: number,
): Promise<RunningBrownout | null> {
  const running = activeBrownout(brownout, nowMs);
  if (running === null) return null;
  const move = moveThatBegan(running, moves ?? []);
  const startedMs = move?.atMs ?? null;
  return {
    ...running,
    startedMs,
    operator: move?.operator ?? null,
    reason: move?.reason ?? null,
    refused: await countRefusals(meters, startedMs, nowMs),
    stoppedAt: meters.snapshot.readings
      .filter((reading) => reading.brownout?.stopped === true)
      .map(({ evidence }) => evidence.meter),
  };
}

/** One that was written by hand has no move, and an earlier move of ours must not stand for it. */
function moveThatBegan({ untilMs }: Brownout, moves: readonly RecordedMove[]): RecordedMove | undefined {
  const last = moves.find(({ verb, state }) => verb === 'brownout' && state !== 'rolled_back');
  return last !== undefined && last.atMs < untilMs && untilMs - last.atMs <= MAX_BROWNOUT_RUN_MS ? last : undefined;
}

async function countRefusals(
  { fleet, snapshot }: { readonly fleet: Fleet | undefined; readonly snapshot: FleetSnapshot },
  startedMs: number | null,
  nowMs: number,
): Promise<number | null> {
  if (fleet?.brownoutRefusals !== undefined)
    return startedMs === null ? null : fleet.brownoutRefusals(startedMs, nowMs);
  const counts = snapshot.readings.flatMap(({ brownout }) => brownout?.refused ?? []);
  return counts.length === 0 ? null : counts.reduce((sum, count) => sum + count, 0);
}

/** Returns a running brownout as `--json` prints it. */
export function brownoutJson(running: RunningBrownout | null): RunningBrownoutJson {
  if (running === null) return null;
  const { percent, untilMs, startedMs, operator, reason, refused, stoppedAt } = running;
  const times = { until: formatInstant(untilMs), startedAt: formatInstant(startedMs) };
  return { percent, ...times, operator, reason, refused, stoppedAt };
}
