import { createHash } from 'node:crypto';
import { realpath, stat } from 'node:fs/promises';
import {
  type Clock,
  ConflictError,
  CrossfadeError,
  editFlagDocument,
  errorCode,
  type FlagWriter,
  type MoveNote,
  parseFlagDocument,
  type RecordedMove,
  type RecordedPosition,
  type StoredFlags,
  UnavailableError,
} from '@crossfade/core';
import { describeFileFailure } from '../disk-cache/file-failure.ts';
import { takeFileLock } from '../disk-cache/file-lock.ts';
import { replaceFile } from '../disk-cache/replace-file.ts';
import { checkOptions } from '../polling/check-options.ts';
import { decodeText } from '../polling/decode-text.ts';
import { flagsHash } from '../polling/flags-hash.ts';
import { fileName } from '../polling/store-name.ts';
import { withTimeout } from '../polling/timeout.ts';
import { appendMove, type FileMove, historyPath, readMoves } from './file-history.ts';
import { readFlagFile } from './flag-file.ts';

export interface FileWriterOptions {
  /** Path of the flag document. It must exist. */
  readonly path: string;
  /** Timeout of one read or write, in ms, for a network mount that hangs. Default: 10 s. */
  readonly timeoutMs?: number;
  /** Default: `Date.now`. */
  readonly now?: Clock;
}

const DEFAULT_LIMIT = 100;
const DEFAULT_TIMEOUT_MS = 10_000;

/**
 * Changes a flag document in a file by atomic replacement, under a lock file (`<path>.lock`). A planned write requires
 * the version that was read; an emergency write changes the current document. Records each move that has a note beside it
 * (`<path>.history.ndjson`). Creates no flag file: one in the wrong place would be obeyed by no reader.
 * @throws {@link ConfigError} when an option is wrong.
 */
export function createFileWriter(options: FileWriterOptions): FlagWriter {
  checkOptions('file writer', options);
  const { path, timeoutMs = DEFAULT_TIMEOUT_MS, now = Date.now } = options;
  const bounded = <T>(work: (target: string) => Promise<T>) => withUnavailableError(path, timeoutMs, work);
  return {
    read: () => bounded(() => readStored(path)),
    running: async () => [],
    history: (limit = DEFAULT_LIMIT) => bounded((target) => readHistory(path, target, limit)),
    write: (change, expected, urgency, note) =>
      bounded(async (target) => {
        const lock = await takeFileLock(`${target}.lock`, urgency, now);
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
          const writtenAtMs = now();
          const move = { atMs: writtenAtMs, revision, ...positions(current.text, text) };
          const unrecorded = note && (await record(target, move, note));
          return {
            revision,
            writtenAtMs,
            ...(lock.broke !== undefined && { stopped: lock.broke }),
            ...(unrecorded !== undefined && { unrecorded }),
          };
        } finally {
          await lock.release();
        }
      }),
  };
}

async function readStored(path: string): Promise<StoredFlags> {
  let bytes: Buffer;
  try {
    bytes = await readFlagFile(path);
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error;
    throw new UnavailableError(
      `${path} does not exist: correct flags.path in the plan, or create the file with {} for the defaults (crossfade init does)`,
      { cause: error },
    );
  }
  const text = decodeText(bytes);
  const parsed = parseFlagDocument(text);
  return {
    text,
    version: `sha256:${createHash('sha256').update(bytes).digest('hex')}`,
    source: fileName(path),
    ...(parsed.ok && { hash: flagsHash(parsed.document) }),
  };
}

/** No record beside no flag file is a wrong path, and no migration without moves. */
async function readHistory(path: string, target: string, limit: number): Promise<readonly RecordedMove[]> {
  const moves = await readMoves(target, limit);
  if (moves.length === 0) await readStored(path);
  return moves;
}

function positions(before: string, after: string): Pick<FileMove, 'to'> & Partial<Pick<FileMove, 'from'>> {
  const from = positionOf(before);
  return { ...(from !== undefined && { from }), to: positionOf(after) as RecordedPosition };
}

function positionOf(text: string): RecordedPosition | undefined {
  const parsed = parseFlagDocument(text);
  if (!parsed.ok) return undefined;
  return { percent: parsed.document.issuance.percent, acceptance: parsed.document.acceptance };
}

/** A move that is written counts, whether or not it can be recorded. Returns why it cannot. */
async function record(path: string, move: FileMove, note: MoveNote): Promise<string | undefined> {
  try {
    await appendMove(path, move, note);
    return undefined;
  } catch (error) {
    return error instanceof UnavailableError ? error.message : describeFileFailure(historyPath(path), error);
  }
}

async function changedAt(path: string): Promise<string> {
  try {
    return ` at ${(await stat(path)).mtime.toISOString()}`;
  } catch {
    return '';
  }
}

/**
 * Runs work on the file that the path leads to: a writer that comes by a symbolic link shares its lock and its record. Work that is
 * late may still be done.
 */
async function withUnavailableError<T>(
  path: string,
  timeoutMs: number,
  work: (target: string) => Promise<T>,
): Promise<T> {
  try {
    const run = async () => work(await realpath(path).catch(() => path));
    return await withTimeout(timeoutMs, new AbortController().signal, run);
  } catch (error) {
    if (error instanceof CrossfadeError) throw error;
    throw new UnavailableError(describeFileFailure(path, error), { cause: error });
  }
}
