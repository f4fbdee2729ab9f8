import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import {
  type Clock,
  ConflictError,
  CrossfadeError,
  editFlagDocument,
  errorCode,
  type FlagWriter,
  type StoredFlags,
  UnavailableError,
} from '@crossfade/core';
import { describeFileFailure } from '../disk-cache/file-failure.ts';
import { takeFileLock } from '../disk-cache/file-lock.ts';
import { replaceFile } from '../disk-cache/replace-file.ts';
import { checkOptions } from '../polling/check-options.ts';
import { decodeText } from '../polling/decode-text.ts';

export interface FileWriterOptions {
  /** Path of the flag document. A missing file is created; a missing folder is not. */
  readonly path: string;
  /** Default: `Date.now`. */
  readonly now?: Clock;
}

const ABSENT: StoredFlags = { text: '{}\n', version: 'absent' };

/**
 * Changes a flag document in a file by atomic replacement, under a lock file (`<path>.lock`). A planned write requires
 * the version that was read; an emergency write changes the current document.
 * @throws {@link ConfigError} when an option is wrong.
 */
export function createFileWriter(options: FileWriterOptions): FlagWriter {
  checkOptions('file writer', options);
  const { path, now = Date.now } = options;
  return {
    read: () => withUnavailableError(path, () => readStored(path)),
    write: (change, expected, urgency) =>
      withUnavailableError(path, async () => {
        const lock = await takeFileLock(`${path}.lock`, urgency, now);
        try {
          const current = await readStored(path);
          if (urgency === 'planned' && current.version !== expected.version) {
            throw new ConflictError(
              `${path} was changed by another process${await changedAt(path)}, after it had been read`,
            );
          }
          const { text, revision } = editFlagDocument(current.text, change, now());
          await replaceFile(path, text);
          if ((await readStored(path)).text !== text) {
            throw new ConflictError(`${path} was changed by another process right after it had been written`);
          }
          return { revision, writtenAtMs: now(), ...(lock.broke !== undefined && { stopped: lock.broke }) };
        } finally {
          await lock.release();
        }
      }),
  };
}

async function readStored(path: string): Promise<StoredFlags> {
  try {
    const bytes = await readFile(path);
    return { text: decodeText(bytes), version: `sha256:${createHash('sha256').update(bytes).digest('hex')}` };
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return ABSENT;
    throw error;
  }
}

async function changedAt(path: string): Promise<string> {
  try {
    return ` at ${(await stat(path)).mtime.toISOString()}`;
  } catch {
    return '';
  }
}

async function withUnavailableError<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof CrossfadeError) throw error;
    throw new UnavailableError(describeFileFailure(path, error), { cause: error });
  }
}
