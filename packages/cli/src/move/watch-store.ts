import {
  ConflictError,
  type FlagDocument,
  type FlagWriter,
  parseFlagDocument,
  UnavailableError,
} from '@crossfade/core';
import type { Fleet } from '../fleet/fleet.ts';
import { describeRecordedMove } from '../output/move-report.ts';

/** How often the store is read while the CLI waits for the fleet. */
const EVERY_MS = 2000;

/** The positions that were written, or read. */
export interface WrittenPosition {
  readonly percent: number;
  /** Absent if the write left it alone. */
  readonly acceptance?: FlagDocument['acceptance'];
  /** Absent if the write left it alone; `null`: none. */
  readonly brownout?: FlagDocument['brownout'];
}

/**
 * Returns a fleet whose reads also look at the flag store: once another writer has moved the switches, to wait on is useless.
 * @throws `ConflictError` from `read`, which names the move that overtook.
 */
export function watchingStore(fleet: Fleet, writer: FlagWriter, written: WrittenPosition): Fleet {
  let lookedMs = performance.now();
  return {
    ...fleet,
    async read(nowMs, frame) {
      if (performance.now() - lookedMs >= EVERY_MS) {
        lookedMs = performance.now();
        await refuseOvertaken(writer, written);
      }
      return fleet.read(nowMs, frame);
    },
  };
}

/** Whether a document has the positions that were written. */
export function hasPosition({ issuance, acceptance, brownout }: FlagDocument, written: WrittenPosition): boolean {
  const wanted = written.brownout === undefined ? brownout : written.brownout;
  const isSameBrownout = brownout?.percent === wanted?.percent && brownout?.untilMs === wanted?.untilMs;
  return issuance.percent === written.percent && (written.acceptance ?? acceptance) === acceptance && isSameBrownout;
}

/** Returns the positions of a document, to compare another with. */
export function switchesOf({ issuance, acceptance, brownout }: FlagDocument): WrittenPosition {
  return { percent: issuance.percent, acceptance, brownout };
}

/** A store that cannot be read, or a broken document, tells nothing: the wait goes on. */
async function refuseOvertaken(writer: FlagWriter, written: WrittenPosition): Promise<void> {
  try {
    const parsed = parseFlagDocument((await writer.read()).text);
    if (!parsed.ok) return;
    if (!hasPosition(parsed.document, written)) throw await overtaken(writer, NOT_SHOWN);
  } catch (error) {
    if (!(error instanceof UnavailableError)) throw error;
  }
}

/** A move that is written, while the fleet has shown nothing of it yet. */
export const NOT_SHOWN = 'overtaken before the fleet had shown it';

/** Names the move that overtook. */
export async function overtaken(writer: FlagWriter, what: string): Promise<ConflictError> {
  const [latest] = await writer.history(1).catch(() => []);
  const move = latest === undefined ? 'another writer moved the switches' : describeRecordedMove(latest);
  return new ConflictError(`${what}: ${move}`);
}
