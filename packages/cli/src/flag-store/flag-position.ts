import {
  type Clock,
  ConfigError,
  type FlagDocument,
  type FlagWriter,
  type MigrationPlan,
  parseFlagDocument,
  type StoredFlags,
  UnavailableError,
} from '@crossfade/core';
import { openFlagSource, openFlagWriter } from '@crossfade/flags';

/** The flag document as the store holds it now, and what a write on top of it is based on. */
export interface StoredPosition {
  readonly stored: StoredFlags;
  readonly document: FlagDocument;
}

/**
 * @throws `UnavailableError` when the store can't be reached.
 * @throws `ConfigError` when it holds a document whose switches can't be read: everybody keeps the last good one then.
 */
export async function readStoredPosition(writer: FlagWriter): Promise<StoredPosition> {
  const stored = await writer.read();
  const result = parseFlagDocument(stored.text);
  if (!result.ok) throw new ConfigError('flag document', result.problems);
  return { stored, document: result.document };
}

/**
 * Reads the flag document without any wish to change it: an AppConfig Agent can be read, and never written.
 * @throws as {@link readStoredPosition} does.
 */
export async function readFlagDocument({ flags }: Pick<MigrationPlan, 'flags'>, now: Clock): Promise<FlagDocument> {
  if (flags.source !== 'agent') return (await readStoredPosition(await openFlagWriter(flags, { now }))).document;
  const source = await openFlagSource(flags, { now });
  try {
    const { document, ageSeconds, problem } = source.snapshot();
    if (ageSeconds === null || problem !== undefined) {
      throw new UnavailableError(`the AppConfig Agent gave no document: ${problem ?? 'it never answered'}`);
    }
    return document;
  } finally {
    await source.close();
  }
}

/** The legacy audience was closed and opened again, as far as the document tells. */
export function wasReopened({ acceptance, acceptanceSinceMs }: FlagDocument): boolean {
  return acceptance === 'both' && acceptanceSinceMs !== null;
}
