import {
  ConflictError,
  type FlagWriter,
  parseFlagDocument,
  type SwitchPosition,
  UnavailableError,
} from '@crossfade/core';
import type { Fleet } from '../fleet/fleet.ts';
import { describeRecordedMove } from '../output/move-report.ts';

/** How often the store is read while the CLI waits for the fleet. */
const EVERY_MS = 2000;

/** The positions that were written. */
export interface WrittenPosition {
  readonly percent: number;
  /** Absent if the write left it alone. */
  readonly acceptance?: SwitchPosition['acceptance'];
}

/**
 * Returns a fleet whose reads also look at the flag store: once another writer has moved the switches, to wait on is useless.
 * @throws `ConflictError` from `read`, which names the move that overtook.
 */
export function watchingStore(fleet: Fleet, writer: FlagWriter, written: WrittenPosition): Fleet {
  let lookedMs = performance.now();
  return {
    ...fleet,
    async read(nowMs) {
      if (performance.now() - lookedMs >= EVERY_MS) {
        lookedMs = performance.now();
        await refuseOvertaken(writer, written);
      }
      return fleet.read(nowMs);
    },
  };
}

/** A store that cannot be read, or a broken document, tells nothing: the wait goes on. */
async function refuseOvertaken(writer: FlagWriter, { percent, acceptance }: WrittenPosition): Promise<void> {
  try {
    const parsed = parseFlagDocument((await writer.read()).text);
    if (!parsed.ok) return;
    const { document } = parsed;
    const isOurs =
      document.issuance.percent === percent && (acceptance === undefined || document.acceptance === acceptance);
    if (isOurs) return;
    const [latest] = await writer.history(1);
    const move = latest === undefined ? 'another writer moved the switches' : describeRecordedMove(latest);
    throw new ConflictError(`overtaken before the fleet had shown it: ${move}`);
  } catch (error) {
    if (!(error instanceof UnavailableError)) throw error;
  }
}
