import {
  activeBrownout,
  type Clock,
  CrossfadeError,
  type FlagDocument,
  type FlagWriter,
  type MigrationPlan,
  type RecordedMove,
  type RunningDeployment,
} from '@crossfade/core';
import { readFlagDocument, readStoredPosition, type StoredPosition } from './flag-position.ts';
import { openFlagStore } from './open-flag-store.ts';

/** What the flag store holds now, and what is going on in it. */
export interface StoreView {
  readonly document: FlagDocument;
  /** Absent through an AppConfig Agent, which tells the document alone. */
  readonly position?: StoredPosition;
  /** `null`: not known. */
  readonly running: readonly RunningDeployment[] | null;
  /** `null`: not known, or none is recorded. */
  readonly lastMove: RecordedMove | null;
  /** The latest moves, newest first: more than the last one only while a brownout runs. `null`: not known. */
  readonly moves: readonly RecordedMove[] | null;
}

/**
 * Reads the flags, the deployments in progress and the last move. Without the permission for the latter two they are unknown.
 * @throws as {@link readFlagDocument} does.
 */
export async function readStoreView(plan: Pick<MigrationPlan, 'flags' | 'migration'>, now: Clock): Promise<StoreView> {
  if (plan.flags.source === 'agent')
    return { document: await readFlagDocument(plan, now), running: null, lastMove: null, moves: null };
  const writer = await openFlagStore(plan, now);
  const position = await readStoredPosition(writer);
  const [running, moves] = await Promise.all([
    orUnknown(writer.running()),
    orUnknown(readLatest(writer, position, now())),
  ]);
  return { document: position.document, position, running, lastMove: moves?.[0] ?? null, moves };
}

/** How far back the move is looked for that began a brownout. */
const MOVES_OF_A_BROWNOUT = 20;

/** The last move; while a brownout runs also those before it, among them the one that began it. */
function readLatest(
  writer: FlagWriter,
  { document: { brownout } }: StoredPosition,
  nowMs: number,
): Promise<readonly RecordedMove[]> {
  return writer.history(activeBrownout(brownout, nowMs) === null ? 1 : MOVES_OF_A_BROWNOUT);
}

async function orUnknown<Result>(reading: Promise<Result>): Promise<Result | null> {
  try {
    return await reading;
  } catch (error) {
    if (!(error instanceof CrossfadeError)) throw error;
    return null;
  }
}
