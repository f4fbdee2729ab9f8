import {
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
}

/**
 * Reads the flags, the deployments in progress and the last move. Without the permission for the latter two they are unknown.
 * @throws as {@link readFlagDocument} does.
 */
export async function readStoreView(plan: Pick<MigrationPlan, 'flags' | 'migration'>, now: Clock): Promise<StoreView> {
  if (plan.flags.source === 'agent')
    return { document: await readFlagDocument(plan, now), running: null, lastMove: null };
  const writer = await openFlagStore(plan, now);
  const position = await readStoredPosition(writer);
  const [running, moves] = await Promise.all([orUnknown(writer.running()), orUnknown(readLast(writer))]);
  return { document: position.document, position, running, lastMove: moves?.[0] ?? null };
}

function readLast(writer: FlagWriter): Promise<readonly RecordedMove[]> {
  return writer.history(1);
}

async function orUnknown<Result>(reading: Promise<Result>): Promise<Result | null> {
  try {
    return await reading;
  } catch (error) {
    if (!(error instanceof CrossfadeError)) throw error;
    return null;
  }
}
