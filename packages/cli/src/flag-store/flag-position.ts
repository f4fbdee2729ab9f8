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
import { openFlagSource } from '@crossfade/flags';
import { pointTo, withRunbook } from '../verb/runbook-of-error.ts';
import { openFlagStore } from './open-flag-store.ts';

/** The flag document in the store now, and the stored version that a write expects. */
export interface StoredPosition {
  readonly stored: StoredFlags;
  readonly document: FlagDocument;
}

/**
 * Reads the stored flag document.
 * @throws `UnavailableError` when the store cannot be reached.
 * @throws `ConfigError` when a switch in the document is unreadable: readers then keep the last good document.
 */
export async function readStoredPosition(writer: FlagWriter): Promise<StoredPosition> {
  const stored = await writer.read();
  const result = parseFlagDocument(stored.text);
  if (result.ok) return { stored, document: result.document };
  const problems = result.problems.map((problem) => ({
    ...problem,
    path: problem.path === '' ? 'flag document in the store' : `flag document in the store: ${problem.path}`,
  }));
  throw pointTo('flag-store-down', new ConfigError('flag document', problems));
}

/**
 * Reads the flag document without changing it, also through an AppConfig Agent, which cannot be written.
 * @throws as {@link readStoredPosition} does.
 */
export async function readFlagDocument(
  plan: Pick<MigrationPlan, 'flags' | 'migration'>,
  now: Clock,
): Promise<FlagDocument> {
  const { flags } = plan;
  if (flags.source !== 'agent') return (await readStoredPosition(await openFlagStore(plan, now))).document;
  return withRunbook('flag-store-down', async () => {
    const source = await openFlagSource(flags, { now });
    try {
      const { document, ageSeconds, problem } = source.snapshot();
      if (ageSeconds === null || problem !== undefined) {
        throw new UnavailableError(`the AppConfig Agent returned no document: ${problem ?? 'it did not respond'}`);
      }
      return document;
    } finally {
      await source.close();
    }
  });
}

/** Whether the legacy audience was closed and opened again, according to the document. */
export function wasReopened({ acceptance, acceptanceSinceMs }: FlagDocument): boolean {
  return acceptance === 'both' && acceptanceSinceMs !== null;
}
